"""The marketplace's sign-in server and the people it knows."""
