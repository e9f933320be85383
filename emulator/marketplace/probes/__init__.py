"""Saved debugging cases and their daily runs."""
