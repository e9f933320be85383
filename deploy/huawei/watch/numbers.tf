# Alarms on numbers that stand in log lines: LTS takes the lines apart, and asks for the largest by SQL. Names of fields are
# quoted: some are words of SQL.

variable "numbers" {
  description = "Are there alarms on numbers? They need a region where LTS has SQL alarms"
  type        = bool
}

locals {
  # The lines and fields of shared/metrics/catalogue.py; the thresholds are those of template.yaml.
  risks = {
    failed-orders      = { stream = var.sweep, line = "risk", field = "failed_orders", least = 3, minutes = 15, times = 1 }
    failing-probe-days = { stream = var.sweep, line = "risk", field = "failing_days", least = 3, minutes = 15, times = 1 }
    open-messages      = { stream = var.sweep, line = "risk", field = "open", least = 1, minutes = 15, times = 1 }
  }

  # Milliseconds, three times in a row.
  slowness = {
    slow-answers = { stream = var.gateway, line = "answered", field = "milliseconds", least = 4000, minutes = 5, times = 3 }
  }

  # Seconds since the hour of the oldest usage ended; metering runs once an hour.
  waiting = var.metering == "" ? {} : {
    usage-waits = { stream = var.metering, line = "run", field = "oldest_seconds", least = 7200, minutes = 60, times = 1 }
  }

  numbers = var.numbers ? merge(local.risks, local.slowness, local.waiting) : {}

  # The fields as they stand in a line, in the order of their names, which is also that of jsonencode.
  example = merge({ message = "run" }, { for number in local.numbers : number.field => number.least })
}

resource "huaweicloud_lts_structuring_custom_configuration" "main" {
  for_each = toset([for number in local.numbers : number.stream])

  log_group_id  = huaweicloud_lts_group.main.id
  log_stream_id = huaweicloud_lts_stream.main[each.key].id
  content       = jsonencode(local.example)
  layers        = 1

  dynamic "demo_fields" {
    for_each = local.example

    content {
      field_name  = demo_fields.key
      content     = tostring(demo_fields.value)
      type        = demo_fields.key == "message" ? "string" : "long"
      is_analysis = true
    }
  }
}

resource "huaweicloud_lts_sql_alarm_rule" "main" {
  for_each = local.numbers

  name                        = "${var.name}-${each.key}"
  description                 = "What to do is in docs/huawei.md, under Alarms"
  alarm_level                 = "MAJOR"
  condition_expression        = "largest>=${each.value.least}"
  trigger_condition_count     = each.value.times
  trigger_condition_frequency = each.value.times
  send_notifications          = true
  notification_frequency      = 360

  sql_requests {
    title                  = each.key
    sql                    = "select max(\"${each.value.field}\") as largest where \"message\" = '${each.value.line}'"
    log_group_id           = huaweicloud_lts_group.main.id
    log_group_name         = huaweicloud_lts_group.main.group_name
    log_stream_id          = huaweicloud_lts_stream.main[each.value.stream].id
    log_stream_name        = each.value.stream
    search_time_range_unit = "minute"
    search_time_range      = each.value.minutes
  }

  frequency {
    type            = "FIXED_RATE"
    fixed_rate_unit = "minute"
    fixed_rate      = 5
  }

  notification_save_rule {
    template_name = "sql_template"
    user_name     = var.name
    language      = "en-us"

    topics {
      name      = huaweicloud_smn_topic.main.name
      topic_urn = huaweicloud_smn_topic.main.id
    }
  }

  depends_on = [huaweicloud_lts_structuring_custom_configuration.main]
}
