"""The usage page: reported, accepted and billed usage of each instance."""
