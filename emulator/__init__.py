"""The other side of the wire: a marketplace to test against, and the tools that build and run the bundle locally."""
