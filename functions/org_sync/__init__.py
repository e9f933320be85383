"""Organisation sync: the five interfaces that tell of a buyer's enterprise (joint operation, section 1)."""
