# A VPC with one subnet, and its way out: without it neither order query, usage upload nor webhook reaches anything.

variable "name" {
  description = "What names begin with"
  type        = string
}

variable "cidr" {
  description = "Addresses of the VPC"
  type        = string
}

variable "nat_spec" {
  description = "Size of the NAT gateway"
  type        = string
}

resource "huaweicloud_vpc" "main" {
  name = var.name
  cidr = var.cidr
}

resource "huaweicloud_vpc_subnet" "main" {
  name       = var.name
  vpc_id     = huaweicloud_vpc.main.id
  cidr       = cidrsubnet(var.cidr, 8, 0)
  gateway_ip = cidrhost(cidrsubnet(var.cidr, 8, 0), 1)
}

resource "huaweicloud_networking_secgroup" "main" {
  name                 = var.name
  description          = "Inside: all; out: all; in: what is opened elsewhere"
  delete_default_rules = true
}

resource "huaweicloud_networking_secgroup_rule" "inside" {
  security_group_id = huaweicloud_networking_secgroup.main.id
  direction         = "ingress"
  ethertype         = "IPv4"
  remote_group_id   = huaweicloud_networking_secgroup.main.id
}

resource "huaweicloud_networking_secgroup_rule" "out" {
  security_group_id = huaweicloud_networking_secgroup.main.id
  direction         = "egress"
  ethertype         = "IPv4"
  remote_ip_prefix  = "0.0.0.0/0"
}

resource "huaweicloud_vpc_eip" "out" {
  name = "${var.name}-out"

  publicip {
    type = "5_bgp"
  }

  bandwidth {
    name        = "${var.name}-out"
    share_type  = "PER"
    size        = 5
    charge_mode = "traffic"
  }
}

resource "huaweicloud_nat_gateway" "out" {
  name      = var.name
  spec      = var.nat_spec
  vpc_id    = huaweicloud_vpc.main.id
  subnet_id = huaweicloud_vpc_subnet.main.id
}

resource "huaweicloud_nat_snat_rule" "out" {
  nat_gateway_id = huaweicloud_nat_gateway.out.id
  floating_ip_id = huaweicloud_vpc_eip.out.id
  subnet_id      = huaweicloud_vpc_subnet.main.id
}

output "vpc_id" {
  description = "The VPC"
  value       = huaweicloud_vpc.main.id
}

output "subnet_id" {
  description = "Network id of its subnet"
  value       = huaweicloud_vpc_subnet.main.id
}

output "ipv4_subnet_id" {
  description = "The subnet as load balancers call it"
  value       = huaweicloud_vpc_subnet.main.ipv4_subnet_id
}

output "security_group_id" {
  description = "The security group of all that is in it"
  value       = huaweicloud_networking_secgroup.main.id
}
