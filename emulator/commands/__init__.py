"""The command line: reads arguments and calls the tools."""
