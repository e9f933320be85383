"""The buyer's page: buy, renew, change and release subscriptions."""
