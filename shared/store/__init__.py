"""State: the ``Table`` port, its engines, and what is kept in tables. Single-item conditional writes only."""
