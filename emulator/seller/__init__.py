"""The seller's side on this machine: the bundle, its timers, a sample application."""
