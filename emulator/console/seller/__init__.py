"""The seller's pages: products, orders, messages, mails and saved debugging cases."""
