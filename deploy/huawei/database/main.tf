# RDS for PostgreSQL or GeminiDB, with a secret of its own that holds what opens it.

variable "name" {
  description = "What names begin with"
  type        = string
}

variable "engine" {
  description = "postgresql or geminidb"
  type        = string
}

variable "network" {
  description = "The network it is in"
  type        = object({ vpc_id = string, subnet_id = string, security_group_id = string })
}

variable "availability_zones" {
  description = "One zone, or two for a standby"
  type        = list(string)
}

variable "flavor" {
  description = "Specification of the RDS instance"
  type        = string
}

variable "size" {
  description = "Disk in GB"
  type        = number
}

variable "password" {
  description = "Password of the database"
  type        = string
  sensitive   = true
}

locals {
  postgresql = var.engine == "postgresql" ? 1 : 0
  geminidb   = var.engine == "geminidb" ? 1 : 0
  secret     = "${var.name}-store"
}

resource "huaweicloud_rds_instance" "main" {
  count = local.postgresql

  name                = var.name
  flavor              = var.flavor
  vpc_id              = var.network.vpc_id
  subnet_id           = var.network.subnet_id
  security_group_id   = var.network.security_group_id
  availability_zone   = var.availability_zones
  ha_replication_mode = length(var.availability_zones) > 1 ? "async" : null

  db {
    type     = "PostgreSQL"
    version  = "16"
    password = var.password
  }

  volume {
    type = "CLOUDSSD"
    size = var.size
  }

  backup_strategy {
    start_time = "17:00-18:00"
    keep_days  = 7
  }
}

resource "huaweicloud_rds_pg_account" "main" {
  count = local.postgresql

  instance_id = huaweicloud_rds_instance.main[0].id
  name        = "koogallery"
  password    = var.password
}

# The order of keys must be that of their bytes.
resource "huaweicloud_rds_pg_database" "main" {
  count = local.postgresql

  instance_id   = huaweicloud_rds_instance.main[0].id
  name          = "koogallery"
  owner         = huaweicloud_rds_pg_account.main[0].name
  template      = "template0"
  character_set = "UTF8"
  lc_collate    = "C"
  lc_ctype      = "C"
}

data "huaweicloud_gaussdb_nosql_flavors" "main" {
  count = local.geminidb

  vcpus             = 2
  engine            = "cassandra"
  availability_zone = var.availability_zones[0]
}

resource "huaweicloud_geminidb_instance" "main" {
  count = local.geminidb

  name              = var.name
  availability_zone = var.availability_zones[0]
  vpc_id            = var.network.vpc_id
  subnet_id         = var.network.subnet_id
  security_group_id = var.network.security_group_id
  password          = var.password
  mode              = "Cluster"

  datastore {
    type           = "dynamodb"
    version        = ""
    storage_engine = "rocksDB"
  }

  flavor {
    num       = 3
    size      = max(100, var.size)
    storage   = "ULTRAHIGH"
    spec_code = data.huaweicloud_gaussdb_nosql_flavors.main[0].flavors[0].name
  }

  backup_strategy {
    start_time = "17:00-18:00"
    keep_days  = 7
  }
}

resource "huaweicloud_csms_secret" "main" {
  name        = local.secret
  description = "What opens the database"
  secret_text = jsonencode({
    password = var.password
    url = one([
      for each in huaweicloud_rds_instance.main :
      "postgresql://koogallery:${urlencode(var.password)}@${each.private_ips[0]}:5432/koogallery?sslmode=require"
    ])
  })
}

output "settings" {
  description = "Settings with which the bundle finds it"
  value = tomap(var.engine == "postgresql" ? {
    KOOGALLERY_STORE               = "csms:${local.secret}#url"
    KOOGALLERY_DYNAMODB_ENDPOINT   = ""
    KOOGALLERY_DYNAMODB_ACCESS_KEY = ""
    KOOGALLERY_DYNAMODB_SECRET_KEY = ""
    } : {
    KOOGALLERY_STORE               = "dynamodb"
    KOOGALLERY_DYNAMODB_ENDPOINT   = one([for each in huaweicloud_geminidb_instance.main : "http://${each.lb_ip_address}:80"])
    KOOGALLERY_DYNAMODB_ACCESS_KEY = one(huaweicloud_geminidb_instance.main[*].db_user_name)
    KOOGALLERY_DYNAMODB_SECRET_KEY = "csms:${local.secret}#password"
  })
}
