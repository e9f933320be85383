"""Builds the deployment artifacts, the lock files and the Lambda test image."""
