"""The marketplace's usage API: receives usage records, validates and bills them."""
