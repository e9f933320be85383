# The functions, what starts them by time, and what rings because of them.

locals {
  # An HTTP function answers every call by itself, and cannot have a timer.
  http = var.function_kind == "http"

  # Seconds: what is called by people and the marketplace, and what runs by itself.
  timeouts = merge(
    { gateway = 15, sweep = 240 },
    var.events ? { relay = 60 } : {},
    var.sell_by_use ? { metering = 170 } : {},
    var.sell_by_use && !local.http ? { usage = 30 } : {},
    var.login && !local.http ? { login = 15 } : {},
    var.organisation && !local.http ? { directory = 15 } : {},
  )

  # What a first call would load is loaded before it, where somebody waits for the answer.
  initialized = local.http ? [] : ["gateway", "login", "directory"]

  # One timer for all shards: a function version has at most 10 triggers. Each run begins at another shard and passes over
  # those that a run before it is still at.
  timers = merge(
    { sweep = { schedule_type = "Rate", schedule = "5m" } },
    var.events ? { relay = { schedule_type = "Rate", schedule = "1m" } } : {},
    var.sell_by_use ? { metering = { schedule_type = "Cron", schedule = "0 2,5,8,11 * * * ?" } } : {},
  )

  failures = merge([
    for name in keys(local.timeouts) : {
      "${name}-fails"       = { function = name, metric = "failcount", filter = "sum", value = 1, count = 1 }
      "${name}-turned-away" = { function = name, metric = "rejectcount", filter = "sum", value = 1, count = 1 }
    }
  ]...)

  # Milliseconds: four fifths of what a run may take. The marketplace waits for 20 seconds and punishes slow answers long before.
  slow = merge(
    { for name, seconds in local.timeouts : "${name}-slow" => { function = name, metric = "maxDuration", filter = "max", value = seconds * 800, count = 1 } },
    { gateway-slow = { function = "gateway", metric = "maxDuration", filter = "max", value = 4000, count = 3 } },
  )

  # What the gateway answered by itself has no signature. On a gateway of your own all its interfaces are counted.
  answered_by_gateway = {
    gateway-answers-5xx = { namespace = "SYS.APIC", dimension = "instance_id", resource = local.gateway, metric = "error_5xx", filter = "sum", value = 1, count = 1 }
  }

  alarms = merge(
    { for name, alarm in merge(local.failures, local.slow) : name => merge(alarm, {
      namespace = "SYS.FunctionGraph", dimension = "package-functionname", resource = "default-${huaweicloud_fgs_function.main[alarm.function].name}"
    }) },
    local.answered_by_gateway,
  )
}

resource "huaweicloud_identity_agency" "set_up" {
  name                  = "${var.name}-functions"
  description           = "FunctionGraph reaches VPC, logs and the archive"
  delegated_domain_name = var.function_service

  project_role {
    project = var.project
    roles   = var.agency_roles
  }
}

resource "huaweicloud_identity_agency" "execution" {
  name                  = "${var.name}-execution"
  description           = "The running bundle reads its secret, and can do nothing else"
  delegated_domain_name = var.function_service

  project_role {
    project = var.project
    roles   = var.execution_agency_roles
  }
}

resource "huaweicloud_fgs_function" "main" {
  for_each = local.timeouts

  name                  = "${var.name}-${each.key}"
  app                   = "default"
  functiongraph_version = "v2"
  runtime               = local.http && each.key == "gateway" ? "http" : "Python3.12"
  handler               = "index.${each.key}"
  memory_size           = var.memory_size
  timeout               = each.value
  code_type             = "obs"
  code_url              = var.code_url

  # Of an HTTP function: calls that one instance answers at a time, and the agency's credentials in headers.
  concurrency_num       = local.http && each.key == "gateway" ? var.concurrency : null
  enable_auth_in_header = local.http && each.key == "gateway" ? true : null

  initializer_handler = contains(local.initialized, each.key) ? "index.${each.key}_initializer" : null
  initializer_timeout = contains(local.initialized, each.key) ? 30 : null

  agency     = huaweicloud_identity_agency.set_up.name
  app_agency = huaweicloud_identity_agency.execution.name
  user_data  = jsonencode(var.environment)

  vpc_id     = var.network == null ? null : var.network.vpc_id
  network_id = var.network == null ? null : var.network.subnet_id

  enable_lts_log  = true
  log_group_id    = var.watch.group.id
  log_group_name  = var.watch.group.name
  log_stream_id   = var.watch.streams[each.key]
  log_stream_name = each.key

  dynamic "reserved_instances" {
    for_each = each.key == "gateway" && var.reserved_instances > 0 ? [var.reserved_instances] : []

    content {
      qualifier_type = "version"
      qualifier_name = "latest"
      count          = reserved_instances.value
    }
  }

  lifecycle {
    precondition {
      condition     = length(jsonencode(var.environment)) <= 4096
      error_message = "FunctionGraph takes 4,096 characters of user data: move settings into the secret, or shorten them."
    }

    precondition {
      condition     = var.code_url != ""
      error_message = "Set code_url: the address of functiongraph.zip in OBS."
    }
  }
}

resource "huaweicloud_fgs_function_trigger" "timer" {
  for_each = local.timers

  function_urn = huaweicloud_fgs_function.main[each.key].urn
  type         = "TIMER"
  status       = "ACTIVE"
  event_data   = jsonencode(merge(each.value, { name = "${var.name}-${each.key}" }))
}

output "alarms" {
  description = "Alarms on functions and gateway"
  value       = local.alarms
}
