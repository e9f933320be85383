# A dashboard in Cloud Eye: what the services count by themselves. What the log lines count, LTS tells.

variable "name" {
  description = "Name of the dashboard"
  type        = string
}

variable "charts" {
  description = "What is drawn, two in a row: a metric of Cloud Eye and whose values it has"
  type        = list(object({ title = string, namespace = string, metric = string, dimension = string, values = list(string) }))
}

resource "huaweicloud_ces_dashboard" "main" {
  name           = var.name
  row_widget_num = 2
}

resource "huaweicloud_ces_dashboard_widget" "main" {
  for_each = { for number, chart in var.charts : chart.title => merge(chart, { number = number }) }

  dashboard_id        = huaweicloud_ces_dashboard.main.id
  title               = each.key
  view                = "line"
  metric_display_mode = "single"

  metrics {
    namespace   = each.value.namespace
    metric_name = each.value.metric

    dimensions {
      name        = each.value.dimension
      filter_type = "specific_instances"
      values      = each.value.values
    }
  }

  location {
    left   = each.value.number % 2 * 6
    top    = floor(each.value.number / 2) * 4
    width  = 6
    height = 4
  }
}
