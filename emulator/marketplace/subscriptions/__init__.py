"""Subscriptions and their orders, from the purchase to the release."""
