"""The story of an instance: everything that happened to it, on both sides, and how it stood at any time."""
