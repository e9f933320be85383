"""The life of an instance: what creates, changes and ends it, and in which order."""
