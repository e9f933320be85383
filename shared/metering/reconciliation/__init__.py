"""Reconciliation: compares the accepted usage with the marketplace's bill."""
