"""The soak test: bundle and marketplace in one process on a simulated clock, random actions, then a verdict."""
