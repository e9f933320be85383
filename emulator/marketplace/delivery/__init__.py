"""Messages to the seller: payloads, signing, sending, retries."""
