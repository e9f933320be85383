"""What the seller calls at the marketplace: order query and usage API."""
