"""The faults' page: switches faults of the marketplace on and off."""
