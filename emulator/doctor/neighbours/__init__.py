"""Whom the bundle calls: the marketplace's open API, the seller's own provisioner, the webhook."""
