"""The journey's page: plays the scripted lives of instances and shows each step."""
