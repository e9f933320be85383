# Logs, who is told, and the alarms that are found by words in the logs.

variable "name" {
  description = "What names begin with"
  type        = string
}

variable "log_days" {
  description = "Days for which logs are kept"
  type        = number
}

variable "receivers" {
  description = "Mail addresses that are told"
  type        = set(string)
}

variable "streams" {
  description = "Who writes logs: a stream for each"
  type        = list(string)
}

variable "sweep" {
  description = "Stream in which the sweep's runs are"
  type        = string
}

variable "gateway" {
  description = "Stream in which the marketplace's calls are"
  type        = string
}

variable "usage" {
  description = "Stream in which your application's usage is taken in"
  type        = string
}

variable "relay" {
  description = "Stream in which the relay's runs are; empty if nobody is told of events"
  type        = string
}

variable "metering" {
  description = "Stream in which the metering runs are; empty if nothing is sold by use"
  type        = string
}

locals {
  errors = {
    for stream in var.streams : "${stream}-error-lines" => {
      stream = stream, words = "ERROR", condition = ">=", minutes = 5, level = "MAJOR"
    }
  }

  silence = {
    sweep-silent = { stream = var.sweep, words = "sweep", condition = "<", minutes = 15, level = "CRITICAL" }
  }

  # Of the relay: nothing is written where nobody is told of events.
  relayed = var.relay == "" ? {} : {
    relay-silent = { stream = var.relay, words = "relay", condition = "<", minutes = 15, level = "CRITICAL" }
    events-wait  = { stream = var.relay, words = "\"events wait for their receiver\"", condition = ">=", minutes = 5, level = "MAJOR" }
  }

  unbilled = var.metering == "" ? {} : {
    metering-silent   = { stream = var.metering, words = "metering", condition = "<", minutes = 60, level = "CRITICAL" }
    usage-not-billed  = { stream = var.metering, words = "\"usage cannot be billed\"", condition = ">=", minutes = 5, level = "CRITICAL" }
    seller-is-refused = { stream = var.metering, words = "\"the usage API refuses this seller\"", condition = ">=", minutes = 5, level = "CRITICAL" }
  }

  found = {
    found-by-sweep = { stream = var.sweep, words = "\"the sweep found what somebody must look at\"", condition = ">=", minutes = 5, level = "CRITICAL" }
  }

  # What a server counts: LTS finds the lines by their words.
  counted = {
    refused-calls = { stream = var.gateway, words = "refused", condition = ">=", number = 50, minutes = 5, level = "MAJOR" }
    late-usage    = { stream = var.usage, words = "\"usage came too late to be billed\"", condition = ">=", number = 1, minutes = 5, level = "CRITICAL" }
    failed-runs   = { stream = var.sweep, words = "\"a scheduled run failed\"", condition = ">=", number = 1, minutes = 5, level = "CRITICAL" }
  }

  alarms = merge(local.errors, local.silence, local.unbilled, local.found, local.relayed, local.counted)
}

resource "huaweicloud_lts_group" "main" {
  group_name  = var.name
  ttl_in_days = var.log_days
}

resource "huaweicloud_lts_stream" "main" {
  for_each = toset(var.streams)

  group_id    = huaweicloud_lts_group.main.id
  stream_name = each.key
}

resource "huaweicloud_smn_topic" "main" {
  name                     = var.name
  display_name             = var.name
  services_publish_allowed = "ces,lts"
}

resource "huaweicloud_smn_subscription" "main" {
  for_each = var.receivers

  topic_urn = huaweicloud_smn_topic.main.id
  protocol  = "email"
  endpoint  = each.key
}

resource "huaweicloud_lts_keywords_alarm_rule" "main" {
  for_each = local.alarms

  name               = "${var.name}-${each.key}"
  description        = "What to do is in docs/huawei.md, under Alarms"
  alarm_level        = each.value.level
  send_notifications = true

  keywords_requests {
    keywords               = each.value.words
    condition              = each.value.condition
    number                 = try(each.value.number, 1)
    log_group_id           = huaweicloud_lts_group.main.id
    log_stream_id          = huaweicloud_lts_stream.main[each.value.stream].id
    search_time_range_unit = "minute"
    search_time_range      = each.value.minutes
  }

  frequency {
    type            = "FIXED_RATE"
    fixed_rate_unit = "minute"
    fixed_rate      = 5
  }

  notification_save_rule {
    template_name = "keywords_template"
    user_name     = var.name
    language      = "en-us"

    topics {
      name      = huaweicloud_smn_topic.main.name
      topic_urn = huaweicloud_smn_topic.main.id
    }
  }
}

output "topic_urn" {
  description = "Who is told"
  value       = huaweicloud_smn_topic.main.id
}

output "group" {
  description = "Id and name of the log group"
  value       = { id = huaweicloud_lts_group.main.id, name = huaweicloud_lts_group.main.group_name }
}

output "streams" {
  description = "Ids of the log streams by name"
  value       = { for name, stream in huaweicloud_lts_stream.main : name => stream.id }
}
