# The container on ECS machines behind a load balancer that ends TLS.

variable "name" {
  description = "What names begin with"
  type        = string
}

variable "project" {
  description = "Name of the project"
  type        = string
}

variable "image" {
  description = "Container image with the bundle"
  type        = string
}

variable "environment" {
  description = "Environment of the container"
  type        = map(string)
}

variable "network" {
  description = "The network the machines are in"
  type        = object({ vpc_id = string, subnet_id = string, ipv4_subnet_id = string, security_group_id = string })
}

variable "vpc_cidr" {
  description = "Addresses from which the load balancer calls"
  type        = string
}

variable "watch" {
  description = "Where logs go"
  type        = object({ group = map(string), streams = map(string) })
}

variable "machines" {
  description = "How many machines"
  type        = number
}

variable "flavor" {
  description = "Their specification"
  type        = string
}

variable "system_image" {
  description = "Name of their public image"
  type        = string
}

variable "key_pair" {
  description = "Name of an SSH key pair; empty for none"
  type        = string
}

variable "availability_zones" {
  description = "Where they are"
  type        = list(string)
}

variable "bandwidth" {
  description = "Bandwidth of the public address in Mbit/s"
  type        = number
}

variable "certificate" {
  description = "Certificate of the domain, PEM"
  type        = string
}

variable "certificate_key" {
  description = "The certificate's key, PEM"
  type        = string
  sensitive   = true
}

variable "log_agent" {
  description = "Is the ICAgent installed?"
  type        = bool
}

variable "agency_roles" {
  description = "Roles of the agency with which the bundle reads its secret"
  type        = list(string)
}

locals {
  port = 8000
  log  = "/var/log/koogallery/server.log"

  alarms = {
    for number in range(var.machines) : "machine-${number + 1}-busy" => {
      namespace = "SYS.ECS", metric = "cpu_util", dimension = "instance_id", filter = "average", value = 90, count = 3
      resource  = huaweicloud_compute_instance.main[number].id
    }
  }

  unhealthy = {
    machine-does-not-answer = {
      namespace = "SYS.ELB", metric = "m9_abnormal_servers", dimension = "lbaas_instance_id", filter = "max", value = 1, count = 1
      resource  = huaweicloud_elb_loadbalancer.main.id
    }
  }
}

resource "huaweicloud_identity_agency" "execution" {
  name                  = "${var.name}-execution"
  description           = "The bundle on a machine reads its secret, and can do nothing else"
  delegated_domain_name = "op_svc_ecs"

  project_role {
    project = var.project
    roles   = var.agency_roles
  }
}

data "huaweicloud_images_images" "system" {
  name       = var.system_image
  visibility = "public"
}

resource "huaweicloud_networking_secgroup_rule" "from_load_balancer" {
  security_group_id = var.network.security_group_id
  direction         = "ingress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  ports             = tostring(local.port)
  remote_ip_prefix  = var.vpc_cidr
}

resource "huaweicloud_compute_instance" "main" {
  count = var.machines

  name               = "${var.name}-${count.index + 1}"
  flavor_id          = var.flavor
  image_id           = data.huaweicloud_images_images.system.images[0].id
  availability_zone  = element(var.availability_zones, count.index)
  security_group_ids = [var.network.security_group_id]
  key_pair           = var.key_pair == "" ? null : var.key_pair
  agency_name        = huaweicloud_identity_agency.execution.name
  agent_list         = "ces"

  network {
    uuid = var.network.subnet_id
  }

  user_data = templatefile("${path.module}/cloud-init.yaml", {
    image       = var.image
    port        = local.port
    log         = local.log
    environment = base64encode(join("", [for name, value in var.environment : "${name}=${value}\n"]))
  })

  lifecycle {
    precondition {
      condition     = var.image != ""
      error_message = "Set image: the container image with the bundle."
    }
  }
}

data "huaweicloud_elb_flavors" "application" {
  type = "L7"
}

resource "huaweicloud_elb_loadbalancer" "main" {
  name                  = var.name
  vpc_id                = var.network.vpc_id
  ipv4_subnet_id        = var.network.ipv4_subnet_id
  availability_zone     = var.availability_zones
  l7_flavor_id          = data.huaweicloud_elb_flavors.application.ids[0]
  iptype                = "5_bgp"
  sharetype             = "PER"
  bandwidth_charge_mode = "traffic"
  bandwidth_size        = var.bandwidth
}

resource "huaweicloud_elb_certificate" "main" {
  name        = var.name
  type        = "server"
  certificate = var.certificate
  private_key = var.certificate_key
}

# HTTP/2 would write Body-Sign in small letters.
resource "huaweicloud_elb_listener" "main" {
  name               = var.name
  loadbalancer_id    = huaweicloud_elb_loadbalancer.main.id
  protocol           = "HTTPS"
  protocol_port      = 443
  server_certificate = huaweicloud_elb_certificate.main.id
  tls_ciphers_policy = "tls-1-2"
  http2_enable       = false
  default_pool_id    = huaweicloud_elb_pool.main.id
}

resource "huaweicloud_elb_pool" "main" {
  name            = var.name
  protocol        = "HTTP"
  lb_method       = "ROUND_ROBIN"
  type            = "instance"
  loadbalancer_id = huaweicloud_elb_loadbalancer.main.id
}

resource "huaweicloud_elb_member" "main" {
  count = var.machines

  pool_id       = huaweicloud_elb_pool.main.id
  address       = huaweicloud_compute_instance.main[count.index].access_ip_v4
  subnet_id     = var.network.ipv4_subnet_id
  protocol_port = local.port
}

resource "huaweicloud_elb_monitor" "main" {
  pool_id     = huaweicloud_elb_pool.main.id
  protocol    = "HTTP"
  url_path    = "/health"
  port        = local.port
  interval    = 5
  timeout     = 3
  max_retries = 2
}

resource "huaweicloud_lts_host_group" "main" {
  count = var.log_agent ? 1 : 0

  name     = var.name
  type     = "linux"
  host_ids = huaweicloud_compute_instance.main[*].id
}

resource "huaweicloud_lts_host_access" "main" {
  count = var.log_agent ? 1 : 0

  name           = replace(var.name, "-", "_")
  log_group_id   = var.watch.group.id
  log_stream_id  = var.watch.streams["machines"]
  host_group_ids = huaweicloud_lts_host_group.main[*].id

  access_config {
    paths = [local.log]

    single_log_format {
      mode = "system"
    }
  }
}

output "alarms" {
  description = "Alarms on machines and load balancer"
  value       = merge(local.alarms, local.unhealthy)
}

output "public_address" {
  description = "Public address of the load balancer"
  value       = huaweicloud_elb_loadbalancer.main.ipv4_eip
}
