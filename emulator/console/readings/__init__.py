"""The readings' page: chooses how the marketplace behaves where the documents leave it open."""
