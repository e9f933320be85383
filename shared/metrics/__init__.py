"""What is counted: one catalogue, from which every way of deployment has its metrics, alarms and dashboards."""
