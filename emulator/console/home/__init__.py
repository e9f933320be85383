"""The home page: is the integration healthy, what to do next, what comes."""
