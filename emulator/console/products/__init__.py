"""The seller's catalogue: its products are written, changed, withdrawn, imported and exported."""
