"""Messages to the seller: what they say, how they are signed, sent and repeated."""
