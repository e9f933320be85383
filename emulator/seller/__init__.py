"""Runs the seller's side on this machine: the bundle, its timers and a sample application."""
