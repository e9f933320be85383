"""A seller's own products, as a file."""

OWN = """
[[products]]
id = "crm"
name = "Example CRM"
version = "v2"
chargingMode = "PERIOD"
trialDays = 14
parameters = [{ name = "domain", value = "crm.example.com" }]

[[products.plans]]
productId = "00301-110001-0--0"
skuCode = "crm-team"
name = "Team"
periodType = "month"
quantity = 10
price = "99.00"

[[products.plans]]
productId = "00301-110002-0--0"
skuCode = "crm-business"
name = "Business"
periodType = "month"
quantity = 50
price = "399.00"
accessories = [{ productId = "00301-110009-0--0", skuCode = "crm-support", name = "Support" }]

[[products]]
id = "messages"
name = "Messages"
version = "v1"
chargingMode = "ON_DEMAND"

[[products.plans]]
productId = "00301-220001-0--0"
skuCode = "messages"
name = "SMS"
price = "0"

[[products.items]]
productId = "00301-220002-0--0"
skuCode = "messages"
name = "MMS"
price = "0"

[[products.items]]
productId = "00301-220003-0--0"
skuCode = "messages"
name = "Voice"
price = "0"
"""
