# What of functions and gateway is drawn on the dashboard.

locals {
  drawn = {
    "Calls of functions"                   = "count"
    "Functions that failed"                = "failcount"
    "Calls that were turned away"          = "rejectcount"
    "Slowest call of a function (ms)"      = "maxDuration"
    "Mean time of a function's calls (ms)" = "duration"
    "Functions that run at once"           = "concurrency"
  }

  drawn_of_gateway = {
    "Calls of the gateway"             = "requests"
    "Answers of the gateway with 5xx"  = "error_5xx"
    "Slowest call of the gateway (ms)" = "max_latency"
    "Calls that the gateway throttled" = "throttled_calls"
  }
}

output "charts" {
  description = "Charts of functions and gateway"
  value = concat(
    [for title, metric in local.drawn : {
      title  = title, namespace = "SYS.FunctionGraph", metric = metric, dimension = "package-functionname"
      values = [for each in huaweicloud_fgs_function.main : "default-${each.name}"]
    }],
    [for title, metric in local.drawn_of_gateway : {
      title  = title, namespace = "SYS.APIC", metric = metric, dimension = "instance_id"
      values = [local.gateway]
    }],
  )
}
