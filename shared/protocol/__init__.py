"""The wire protocols: each dialect authenticates a request, decodes it to a command and encodes the outcome."""
