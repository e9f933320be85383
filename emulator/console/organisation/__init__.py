"""The organisation's page: edits enterprises, departments and members, and shows what the seller has of them."""
