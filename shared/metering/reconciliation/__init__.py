"""What was accepted beside what the marketplace's bill says."""
