"""The checker's page: runs the conformance checker and shows its report."""
