"""The marketplace's sign-in server (OAuth 2.0 and CAS) and its user accounts."""
