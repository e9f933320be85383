"""The soak: bundle and marketplace in one process on a simulated clock, everything at random, then a verdict."""
