"""One call per interface and version, and the sample events made from them."""
