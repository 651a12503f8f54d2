"""How waiting is overlapped."""
