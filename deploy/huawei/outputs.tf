# What the seller enters in the seller console, interface by interface.

locals {
  base = "https://${var.domain}/saas"
}

output "production_address" {
  description = "Seller console, production interfaces: V1 and V2 alike"
  value       = local.base
}

output "order_notification_address" {
  description = "Seller console, order notifications (orderNotify)"
  value       = var.notify_path == "" ? local.base : "https://${var.domain}${var.notify_path}"
}

output "organisation_addresses" {
  description = "Seller console, organisation sync: the address that the console adds the interfaces' own paths to"
  value       = { version_1 = "${local.base}/produceAPI", version_2 = "${local.base}/produceAPI/v2" }
}

output "login_addresses" {
  description = "Seller console, application credential: where people begin, where they come back, and where they are logged out"
  value = {
    start    = "${local.base}/login"
    callback = "${local.base}/login/callback"
    logout   = "${local.base}/logout"
  }
}

output "application_addresses" {
  description = "For your application: usage, directory and the keys of session tokens"
  value = {
    usage     = "${local.base}/usage"
    directory = "${local.base}/directory"
    jwks      = "${local.base}/.well-known/jwks.json"
  }
}

output "domain_points_to" {
  description = "Public address for the domain's A record"
  value       = local.functions ? one(module.functions[*].public_address) : one(module.machines[*].public_address)
}
