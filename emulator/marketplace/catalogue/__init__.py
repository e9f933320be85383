"""The seller's products, their plans, and whether each is on sale."""
