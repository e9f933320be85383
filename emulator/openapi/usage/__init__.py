"""The marketplace's side of pay-per-use: takes usage records, judges them and bills them."""
