# What of load balancer and machines is drawn on the dashboard.

locals {
  drawn = {
    "Calls a second"              = "mb_l7_qps"
    "Answers with 5xx a second"   = "mf_l7_http_5xx"
    "Mean time of an answer (ms)" = "m14_l7_rt"
    "Machines that do not answer" = "m9_abnormal_servers"
  }
}

output "charts" {
  description = "Charts of load balancer and machines"
  value = concat(
    [for title, metric in local.drawn : {
      title  = title, namespace = "SYS.ELB", metric = metric, dimension = "lbaas_instance_id"
      values = [huaweicloud_elb_loadbalancer.main.id]
    }],
    [{
      title  = "Processors (%)", namespace = "SYS.ECS", metric = "cpu_util", dimension = "instance_id"
      values = huaweicloud_compute_instance.main[*].id
    }],
  )
}
