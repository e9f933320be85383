"""The marketplace's open APIs, called by the seller."""
