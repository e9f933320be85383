"""The order book: what the marketplace tells of orders and money, each order kept once, and the month's statement."""
