"""Readiness: what is to be mended before the product goes live."""
