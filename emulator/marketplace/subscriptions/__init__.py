"""Orders and what buyers have: from the purchase to the end."""
