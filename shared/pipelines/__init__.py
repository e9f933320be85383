"""One pipeline per caller: the marketplace, the seller's application, browsers, the schedule."""
