"""Calls composed by hand: sent, kept, sent again, passed on."""
