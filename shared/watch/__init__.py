"""What whoever operates the bundle must see before the marketplace does: failed calls, and what the sweep finds."""
