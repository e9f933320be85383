"""The production interfaces: purchase, renew, query and the rest, in both versions."""
