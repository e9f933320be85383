"""Login of the buyer's people through the marketplace (joint operation, section 4)."""
