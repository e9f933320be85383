"""The embedded engine: one file, durable, for a laptop, tests and a seller with one machine."""
