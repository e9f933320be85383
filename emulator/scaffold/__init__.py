"""A seller's own repository, to begin with: a provisioner, its tests, settings, CI, and a deployment."""
