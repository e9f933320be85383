variable "name" {
  description = "What names begin with"
  type        = string
}

variable "project" {
  description = "Name of the project"
  type        = string
}

variable "domain" {
  description = "Domain of the production address"
  type        = string
}

variable "certificate" {
  description = "Its certificate, PEM"
  type        = string
}

variable "certificate_key" {
  description = "The certificate's key, PEM"
  type        = string
  sensitive   = true
}

variable "code_url" {
  description = "OBS address of functiongraph.zip"
  type        = string
}

variable "environment" {
  description = "User data of each function"
  type        = map(string)
}

variable "function_kind" {
  description = "How calls reach the bundle: event or http"
  type        = string
}

variable "concurrency" {
  description = "Calls that one instance of an HTTP function answers at a time"
  type        = number
}

variable "memory_size" {
  description = "Memory in MB"
  type        = number
}

variable "reserved_instances" {
  description = "Instances of the gateway function kept ready"
  type        = number
}

variable "network" {
  description = "The network the functions are in; null for FunctionGraph's own public network"
  type        = object({ vpc_id = string, subnet_id = string, security_group_id = string })
}

variable "watch" {
  description = "Where logs go"
  type        = object({ group = map(string), streams = map(string) })
}

variable "sell_by_use" {
  description = "Is something sold by use?"
  type        = bool
}

variable "events" {
  description = "Is somebody told what happens to instances and orders?"
  type        = bool
}

variable "organisation" {
  description = "Are organisations synchronised?"
  type        = bool
}

variable "login" {
  description = "Do people log in through the marketplace?"
  type        = bool
}

variable "notify_path" {
  description = "Path of order notifications of their own; empty for none"
  type        = string
}

variable "query_parameters" {
  description = "Query parameters beside those of today's documents"
  type        = list(string)
}

variable "calls_per_second" {
  description = "Calls a second to each interface"
  type        = number
}

variable "gateway_id" {
  description = "A gateway that exists; empty to make one"
  type        = string
}

variable "gateway_edition" {
  description = "Edition of the one that is made"
  type        = string
}

variable "availability_zones" {
  description = "Where it is made"
  type        = list(string)
}

variable "agency_roles" {
  description = "Roles of the agency with which FunctionGraph sets functions up"
  type        = list(string)
}

variable "execution_agency_roles" {
  description = "Roles of the agency with which the running bundle reads its secret"
  type        = list(string)
}

variable "function_service" {
  description = "FunctionGraph's name for agencies"
  type        = string
}
