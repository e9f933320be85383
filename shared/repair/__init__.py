"""What an operator mends by command, the same way through as a call."""
