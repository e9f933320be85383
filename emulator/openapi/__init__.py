"""The marketplace's open APIs that the seller calls: order query and usage API."""
