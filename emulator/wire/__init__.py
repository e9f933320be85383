"""How the marketplace speaks HTTP: calls as it signs them, the client that sends them, servers on loopback."""
