# The dedicated API gateway, new or one that exists: the shared one is closed to new customers.

locals {
  # Milliseconds. APIG's default of 5 seconds would end calls that the bundle still answers.
  backend_timeout = 15000

  # The signature of version 1 counts every query parameter, and the gateway passes on what is declared. These are all that
  # the marketplace documents.
  version_1 = [
    "activity", "amount", "authToken", "bandWidth", "businessId", "chargingMode", "customerId", "customerName",
    "diskSize", "email", "expireTime", "instanceId", "instanceStatus", "mobilePhone", "orderAmount", "orderId",
    "periodNumber", "periodType", "productId", "provisionType", "saasExtendParams", "skuCode", "testFlag", "timeStamp",
    "trialFlag", "trialToFormal", "userId", "userName",
  ]

  every_route = {
    production = { made = true, function = "gateway", method = "ANY", path = "/saas", matching = "Exact", query = local.query }
    notify     = { made = var.notify_path != "", function = "gateway", method = "POST", path = var.notify_path, matching = "Exact", query = [] }

    usage = { made = var.sell_by_use, function = "usage", method = "POST", path = "/saas/usage", matching = "Exact", query = [] }

    organisation = { made = var.organisation, function = "gateway", method = "POST", path = "/saas/produceAPI", matching = "Prefix", query = [] }
    directory    = { made = var.organisation, function = "directory", method = "GET", path = "/saas/directory", matching = "Prefix", query = local.pages }

    login   = { made = var.login, function = "login", method = "ANY", path = "/saas/login", matching = "Prefix", query = local.login_query }
    session = { made = var.login, function = "login", method = "ANY", path = "/saas/session", matching = "Prefix", query = ["token"] }
    logout  = { made = var.login, function = "login", method = "ANY", path = "/saas/logout", matching = "Exact", query = ["tenant"] }
    jwks    = { made = var.login, function = "login", method = "GET", path = "/saas/.well-known/jwks.json", matching = "Exact", query = [] }
  }

  routes      = { for name, route in local.every_route : name => route if route.made }
  pages       = ["limit", "next", "orgCode"]
  query       = distinct(concat(local.version_1, var.query_parameters))
  login_query = ["return_to", "tenant", "tenant_id", "tenantId", "code", "ticket", "state", "error"]
  gateway     = var.gateway_id == "" ? huaweicloud_apig_instance.main[0].id : var.gateway_id
}

resource "huaweicloud_apig_instance" "main" {
  count = var.gateway_id == "" ? 1 : 0

  name                            = var.name
  edition                         = var.gateway_edition
  vpc_id                          = var.network.vpc_id
  subnet_id                       = var.network.subnet_id
  security_group_id               = var.network.security_group_id
  availability_zones              = var.availability_zones
  ingress_bandwidth_size          = 5
  ingress_bandwidth_charging_mode = "bandwidth"
}

resource "huaweicloud_networking_secgroup_rule" "https" {
  count = var.gateway_id == "" ? 1 : 0

  security_group_id = var.network.security_group_id
  direction         = "ingress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  ports             = "443"
  remote_ip_prefix  = "0.0.0.0/0"
}

resource "huaweicloud_apig_group" "main" {
  instance_id = local.gateway
  name        = var.name
}

resource "huaweicloud_apig_group_domain_associate" "main" {
  instance_id       = local.gateway
  group_id          = huaweicloud_apig_group.main.id
  url_domain        = var.domain
  min_ssl_version   = "TLSv1.2"
  ingress_http_port = -1
}

resource "huaweicloud_apig_certificate" "main" {
  name        = var.name
  instance_id = local.gateway
  type        = "instance"
  content     = var.certificate
  private_key = var.certificate_key
}

resource "huaweicloud_apig_certificate_batch_domains_associate" "main" {
  instance_id                  = local.gateway
  certificate_id               = huaweicloud_apig_certificate.main.id
  verify_disabled_domain_names = [huaweicloud_apig_group_domain_associate.main.url_domain]
}

resource "huaweicloud_apig_api" "main" {
  for_each = local.routes

  instance_id             = local.gateway
  group_id                = huaweicloud_apig_group.main.id
  type                    = "Public"
  name                    = "${var.name}-${each.key}"
  description             = "The bundle verifies signatures and tokens by itself"
  request_protocol        = "HTTPS"
  request_method          = each.value.method
  request_path            = each.value.path
  matching                = each.value.matching
  security_authentication = "NONE"

  dynamic "request_params" {
    for_each = each.value.query

    content {
      name        = request_params.value
      location    = "QUERY"
      required    = false
      passthrough = true
    }
  }

  func_graph {
    function_urn    = huaweicloud_fgs_function.main[local.http ? "gateway" : each.value.function].urn
    version         = "latest"
    network_type    = "V2"
    timeout         = local.backend_timeout
    invocation_type = "sync"
  }
}

# Calls to another environment than RELEASE would need a header that the marketplace does not send.
data "huaweicloud_apig_environments" "release" {
  instance_id = local.gateway
  name        = "RELEASE"
}

resource "huaweicloud_apig_api_publishment" "main" {
  for_each = local.routes

  instance_id = local.gateway
  env_id      = data.huaweicloud_apig_environments.release.environments[0].id
  api_id      = huaweicloud_apig_api.main[each.key].id
}

resource "huaweicloud_apig_throttling_policy" "main" {
  instance_id      = local.gateway
  name             = replace(var.name, "-", "_")
  type             = "API-based"
  period           = 1
  period_unit      = "SECOND"
  max_api_requests = var.calls_per_second
}

resource "huaweicloud_apig_throttling_policy_associate" "main" {
  instance_id = local.gateway
  policy_id   = huaweicloud_apig_throttling_policy.main.id
  publish_ids = [for each in huaweicloud_apig_api_publishment.main : each.publish_id]
}

output "public_address" {
  description = "Public address of the gateway that was made; of one that exists, see its page in the console"
  value       = one(huaweicloud_apig_instance.main[*].ingress_address)
}
