# Alarms of Cloud Eye on what the services count by themselves. Those on words and numbers in the logs are in ../watch.

variable "name" {
  description = "What names begin with"
  type        = string
}

variable "topic_urn" {
  description = "Topic of those who are told"
  type        = string
}

variable "alarms" {
  description = "What rings, by name: a metric of Cloud Eye, whose it is, and how often it must reach which value"
  type = map(object({
    namespace = string, dimension = string, resource = string, metric = string, filter = string, value = number, count = number
  }))
}

resource "huaweicloud_ces_alarmrule" "main" {
  for_each = var.alarms

  alarm_name        = "${var.name}-${each.key}"
  alarm_description = "What to do is in docs/huawei.md, under Alarms"

  metric {
    namespace = each.value.namespace
  }

  resources {
    dimensions {
      name  = each.value.dimension
      value = each.value.resource
    }
  }

  condition {
    metric_name         = each.value.metric
    period              = 300
    filter              = each.value.filter
    comparison_operator = ">="
    value               = each.value.value
    count               = each.value.count
    alarm_level         = 1
  }

  alarm_actions {
    type              = "notification"
    notification_list = [var.topic_urn]
  }
}
