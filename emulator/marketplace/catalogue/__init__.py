"""What the seller has on the shelf, and how each product stands."""
