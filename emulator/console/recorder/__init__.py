"""The recorder's page: turns pasted calls into sample events and tests."""
