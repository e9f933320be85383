# The seller's side of the marketplace on Huawei Cloud, in one of two variants. See docs/huawei.md.

terraform {
  required_version = ">= 1.2"

  required_providers {
    huaweicloud = {
      source  = "huaweicloud/huaweicloud"
      version = ">= 1.97.0"
    }
  }
}

provider "huaweicloud" {
  region = var.region
}

data "huaweicloud_identity_projects" "here" {
  name = var.region
}

locals {
  functions = var.variant == "functions"
  events    = var.events_url != ""
  private   = !(local.functions && var.public_access)

  # Each key is read from the secret when it is used; it stands neither here nor in the state.
  keys = {
    for setting, member in {
      KOOGALLERY_KEY               = "key"
      KOOGALLERY_ACCESS_KEY        = "access_key"
      KOOGALLERY_NOTIFY_ACCESS_KEY = "notify_access_key"
      KOOGALLERY_SYNC_ACCESS_KEY   = "sync_access_key"
      KOOGALLERY_RSA_PRIVATE_KEY   = "rsa_private_key"
      KOOGALLERY_AK                = "ak"
      KOOGALLERY_SK                = "sk"
      KOOGALLERY_STORAGE_KEY       = "storage_key"
      KOOGALLERY_WEBHOOK_SECRET    = "webhook_secret"
      KOOGALLERY_EVENTS_SECRET     = "events_secret"
      KOOGALLERY_USAGE_KEY         = "usage_key"
      KOOGALLERY_APP_TOKEN         = "app_token"
      KOOGALLERY_SESSION_KEY       = "session_key"
    } : setting => "csms:${var.secret_name}#${member}" if setting != "KOOGALLERY_EVENTS_SECRET" || local.events
  }

  settings = merge(
    local.keys,
    {
      KOOGALLERY_PROVISIONER     = var.provisioner
      KOOGALLERY_WEBHOOK_URL     = var.webhook_url
      KOOGALLERY_EVENTS_URL      = var.events_url
      KOOGALLERY_APP_URL         = var.app_url
      KOOGALLERY_APP_ID          = var.app_id
      KOOGALLERY_PUBLIC_URL      = "https://${var.domain}"
      KOOGALLERY_THREADS         = local.functions && var.function_kind == "http" ? tostring(var.concurrency) : ""
      KOOGALLERY_TRUSTED_PROXIES = local.functions ? "" : var.vpc_cidr # where the load balancer calls from
    },
    one(module.database[*].settings),
    var.settings,
  )

  # At most 20 entries of user data fit a function, so one of them holds all settings.
  environment = {
    KOOGALLERY_SETTINGS     = jsonencode({ for name, value in local.settings : name => value if value != "" })
    KOOGALLERY_CSMS_URL     = "https://csms.${var.region}.myhuaweicloud.com"
    KOOGALLERY_CSMS_PROJECT = data.huaweicloud_identity_projects.here.projects[0].id
    KOOGALLERY_CSMS_MACHINE = local.functions ? "off" : "on"
  }
}

module "network" {
  source = "./network"
  count  = local.private ? 1 : 0

  name     = var.name
  cidr     = var.vpc_cidr
  nat_spec = var.nat_spec
}

module "database" {
  source = "./database"
  count  = local.private && var.store != "other" ? 1 : 0

  name               = var.name
  engine             = var.store
  network            = module.network[0]
  availability_zones = var.database_standby ? slice(var.availability_zones, 0, 2) : slice(var.availability_zones, 0, 1)
  flavor             = var.database_flavor
  size               = var.database_size
  password           = var.database_password
}

resource "huaweicloud_csms_secret" "keys" {
  count = var.secret_text == "" ? 0 : 1

  name        = var.secret_name
  secret_text = var.secret_text
  description = "Keys of the marketplace, read by their members"
}

module "watch" {
  source = "./watch"

  name      = var.name
  log_days  = var.log_days
  receivers = var.alarm_receivers
  streams   = local.functions ? ["gateway", "sweep", "relay", "usage", "metering", "login", "directory"] : ["machines"]
  gateway   = local.functions ? "gateway" : "machines"
  usage     = local.functions ? (var.function_kind == "http" ? "gateway" : "usage") : "machines"
  relay     = local.events ? (local.functions ? "relay" : "machines") : ""
  sweep     = local.functions ? "sweep" : "machines"
  metering  = var.sell_by_use ? (local.functions ? "metering" : "machines") : ""
  numbers   = var.number_alarms
}

module "alarms" {
  source = "./alarms"

  name      = var.name
  topic_urn = module.watch.topic_urn
  alarms    = merge(concat(module.functions[*].alarms, module.machines[*].alarms)...)
}

module "dashboard" {
  source = "./dashboard"

  name   = var.name
  charts = flatten(concat(module.functions[*].charts, module.machines[*].charts))
}

module "functions" {
  source = "./functions"
  count  = local.functions ? 1 : 0

  name               = var.name
  project            = var.region
  domain             = var.domain
  code_url           = var.code_url
  function_kind      = var.function_kind
  concurrency        = var.concurrency
  environment        = local.environment
  memory_size        = var.memory_size
  reserved_instances = var.reserved_instances
  network            = one(module.network[*])
  watch              = module.watch

  sell_by_use        = var.sell_by_use
  events             = local.events
  organisation       = var.organisation
  login              = var.login
  notify_path        = var.notify_path
  query_parameters   = var.query_parameters
  calls_per_second   = var.calls_per_second
  gateway_id         = var.gateway_id
  gateway_edition    = var.gateway_edition
  availability_zones = var.availability_zones
  certificate        = var.certificate
  certificate_key    = var.certificate_key

  agency_roles           = var.agency_roles
  function_service       = var.function_service
  execution_agency_roles = var.execution_agency_roles
}

module "machines" {
  source = "./machines"
  count  = local.functions ? 0 : 1

  name               = var.name
  project            = var.region
  image              = var.image
  environment        = local.environment
  network            = module.network[0]
  vpc_cidr           = var.vpc_cidr
  watch              = module.watch
  machines           = var.machines
  flavor             = var.machine_flavor
  system_image       = var.system_image
  key_pair           = var.key_pair
  availability_zones = var.availability_zones
  bandwidth          = var.bandwidth
  certificate        = var.certificate
  certificate_key    = var.certificate_key
  log_agent          = var.log_agent
  agency_roles       = var.execution_agency_roles
}
