# --- what every variant needs -------------------------------------------------------------------------------------------

variable "variant" {
  description = "What is made: functions (FunctionGraph behind a dedicated gateway) or machines (ECS behind a load balancer)"
  type        = string

  validation {
    condition     = contains(["functions", "machines"], var.variant)
    error_message = "The variant must be functions or machines."
  }
}

variable "region" {
  description = "Region, such as cn-north-4; the project of the same name is used"
  type        = string
}

variable "availability_zones" {
  description = "Names of availability zones of the region, such as cn-north-4a; machines are spread over them"
  type        = list(string)

  validation {
    condition     = length(var.availability_zones) > 0
    error_message = "At least one availability zone is needed, two for a database with a standby."
  }
}

variable "name" {
  description = "What the names of all that is made begin with"
  type        = string
  default     = "koogallery"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,23}$", var.name))
    error_message = "The name must have 3 to 24 small letters, digits and hyphens, and begin with a letter."
  }
}

variable "domain" {
  description = "Domain of the production address, such as saas.example.com: of your own and, on the mainland, with an ICP filing"
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.domain))
    error_message = "The domain must stand alone, without https:// and without a path."
  }
}

variable "certificate" {
  description = "Certificate of the domain with its chain, PEM, from a public authority"
  type        = string

  validation {
    condition     = can(regex("^\\s*-----BEGIN CERTIFICATE-----", var.certificate))
    error_message = "The certificate must be in PEM form."
  }
}

variable "certificate_key" {
  description = "Private key of the certificate, PEM"
  type        = string
  sensitive   = true
}

variable "secret_name" {
  description = "Name of the CSMS secret with the keys, a JSON object with the members in docs/settings.md"
  type        = string
  default     = "koogallery"
}

variable "secret_text" {
  description = "That JSON object, if Terraform is to make the secret; empty if you made it in the console, which keeps the keys out of the variables"
  type        = string
  sensitive   = true
  default     = ""
}

# --- settings -----------------------------------------------------------------------------------------------------------

variable "provisioner" {
  description = "KOOGALLERY_PROVISIONER: webhook, or module:attribute"
  type        = string
  default     = "webhook"
}

variable "webhook_url" {
  description = "KOOGALLERY_WEBHOOK_URL: where your backend gets its messages"
  type        = string
  default     = ""
}

variable "events_url" {
  description = "KOOGALLERY_EVENTS_URL: who is told what happens to instances and orders; empty for nobody"
  type        = string
  default     = ""
}

variable "app_url" {
  description = "KOOGALLERY_APP_URL: address of your application"
  type        = string
  default     = ""
}

variable "app_id" {
  description = "KOOGALLERY_APP_ID, for login"
  type        = string
  default     = ""
}

variable "settings" {
  description = "Further settings by name, as in docs/settings.md; they win over what the module sets. All together fit 4,096 characters on FunctionGraph"
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^KOOGALLERY_", name))])
    error_message = "Each setting's name begins with KOOGALLERY_."
  }
}

variable "sell_by_use" {
  description = "Is something sold by use? Makes what takes usage in and uploads it"
  type        = bool
  default     = false
}

# --- store and network --------------------------------------------------------------------------------------------------

variable "store" {
  description = "Where instances are kept: postgresql (RDS), geminidb (three nodes), or other: then set KOOGALLERY_STORE in settings"
  type        = string
  default     = "postgresql"

  validation {
    condition     = contains(["postgresql", "geminidb", "other"], var.store)
    error_message = "The store must be postgresql, geminidb or other."
  }
}

variable "database_password" {
  description = "Password of the database: 8 to 32 characters with capital and small letters, digits and one of ~!@#%^*-_=+?"
  type        = string
  sensitive   = true
  default     = ""

  validation {
    condition     = var.database_password == "" || can(regex("^.{8,32}$", var.database_password))
    error_message = "The password must have 8 to 32 characters."
  }
}

variable "database_flavor" {
  description = "Specification of the database, such as rds.pg.n1.medium.2 (with .ha at its end for a standby)"
  type        = string
  default     = "rds.pg.n1.medium.2"
}

variable "database_size" {
  description = "Disk of the database in GB: 40 or more for RDS, 100 or more for GeminiDB"
  type        = number
  default     = 40

  validation {
    condition     = var.database_size >= 40 && var.database_size % 10 == 0
    error_message = "The disk must have 40 GB or more, in steps of 10."
  }
}

variable "database_standby" {
  description = "Does the RDS database get a standby in a second availability zone?"
  type        = bool
  default     = false
}

variable "vpc_cidr" {
  description = "Addresses of the VPC that is made"
  type        = string
  default     = "172.16.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 1))
    error_message = "The addresses must be a block such as 172.16.0.0/16."
  }
}

variable "nat_spec" {
  description = "Size of the NAT gateway, through which order query, usage upload and webhook leave the VPC: 1 (small) to 4"
  type        = string
  default     = "1"

  validation {
    condition     = contains(["1", "2", "3", "4"], var.nat_spec)
    error_message = "The size of the NAT gateway is 1 to 4."
  }
}

# --- watching -----------------------------------------------------------------------------------------------------------

variable "log_days" {
  description = "Days for which logs are kept"
  type        = number
  default     = 30

  validation {
    condition     = var.log_days >= 1 && var.log_days <= 365
    error_message = "Logs are kept for 1 to 365 days."
  }
}

variable "alarm_receivers" {
  description = "Mail addresses that are told of alarms; each gets a mail to confirm"
  type        = set(string)
}

variable "number_alarms" {
  description = "Are there alarms on numbers in log lines? false in a region where LTS has no SQL alarms"
  type        = bool
  default     = true
}

variable "execution_agency_roles" {
  description = "Roles of the agency with which the running bundle reads its secret"
  type        = list(string)
  default     = ["CSMS ReadOnlyAccess", "KMS CMKFullAccess"]
}

# --- functions ----------------------------------------------------------------------------------------------------------

variable "code_url" {
  description = "OBS address of functiongraph.zip; another name for each release, so that a change is seen"
  type        = string
  default     = ""
}

variable "function_kind" {
  description = "How calls reach the bundle: event (a function for each group of interfaces) or http (one HTTP function for all, which answers several calls at a time); timers are event functions in both"
  type        = string
  default     = "event"

  validation {
    condition     = contains(["event", "http"], var.function_kind)
    error_message = "The kind of function must be event or http."
  }
}

variable "concurrency" {
  description = "Calls that one instance of the HTTP function answers at a time, 1 to 256, with a thread each"
  type        = number
  default     = 16

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 256
    error_message = "An instance answers 1 to 256 calls at a time."
  }
}

variable "memory_size" {
  description = "Memory of a function in MB; more memory means more CPU"
  type        = number
  default     = 512

  validation {
    condition     = contains([256, 512, 768, 1024, 1280, 1536, 1792, 2048], var.memory_size)
    error_message = "The memory must be a size that FunctionGraph has, from 256 to 2048 MB."
  }
}

variable "reserved_instances" {
  description = "Instances of the gateway function that are kept ready, and paid for; 0 for none"
  type        = number
  default     = 0
}

variable "public_access" {
  description = "Functions outside a VPC, on FunctionGraph's own public network: without the module's NAT and database, so store must be other and the gateway one that exists"
  type        = bool
  default     = false
}

variable "gateway_id" {
  description = "Id of a dedicated API gateway that exists; empty to make one"
  type        = string
  default     = ""
}

variable "gateway_edition" {
  description = "Edition of the dedicated API gateway that is made"
  type        = string
  default     = "BASIC"

  validation {
    condition     = contains(["BASIC", "PROFESSIONAL", "ENTERPRISE", "PLATINUM"], var.gateway_edition)
    error_message = "The edition must be BASIC, PROFESSIONAL, ENTERPRISE or PLATINUM."
  }
}

variable "calls_per_second" {
  description = "Calls a second that the gateway lets through to each interface"
  type        = number
  default     = 200
}

variable "organisation" {
  description = "Does the marketplace synchronise organisations?"
  type        = bool
  default     = false
}

variable "login" {
  description = "Do people log in through the marketplace?"
  type        = bool
  default     = false
}

variable "notify_path" {
  description = "Path of the address of order notifications, if they have one of their own, such as /saas/notify"
  type        = string
  default     = ""
}

variable "query_parameters" {
  description = "Query parameters the gateway passes on beside those that are documented today: the signature counts them all"
  type        = list(string)
  default     = []
}

variable "agency_roles" {
  description = "Roles of the agency with which FunctionGraph reaches VPC, logs and the archive"
  type        = list(string)
  default     = ["VPC Administrator", "LTS Administrator", "OBS ReadOnlyAccess"]
}

variable "function_service" {
  description = "Name by which FunctionGraph is known to agencies"
  type        = string
  default     = "op_svc_cff"
}

# --- machines -----------------------------------------------------------------------------------------------------------

variable "image" {
  description = "Container image with the bundle, which the machines may pull without login"
  type        = string
  default     = ""
}

variable "machines" {
  description = "How many machines; with a file as store exactly 1"
  type        = number
  default     = 2

  validation {
    condition     = var.machines >= 1 && var.machines <= 10
    error_message = "There are 1 to 10 machines."
  }
}

variable "machine_flavor" {
  description = "Specification of a machine"
  type        = string
  default     = "s6.large.2"
}

variable "system_image" {
  description = "Name of the public image of the machines: Ubuntu, with cloud-init"
  type        = string
  default     = "Ubuntu 24.04 server 64bit"
}

variable "key_pair" {
  description = "Name of an SSH key pair for the machines; empty for none"
  type        = string
  default     = ""
}

variable "bandwidth" {
  description = "Bandwidth of the load balancer's public address in Mbit/s"
  type        = number
  default     = 5
}

variable "log_agent" {
  description = "Is LTS's ICAgent installed on the machines? Set it to true, and apply again, once it is: logs are then collected"
  type        = bool
  default     = false
}
