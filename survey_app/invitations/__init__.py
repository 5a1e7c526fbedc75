"""How schools get in: activation letters by ward, and requests of schools that are not on the list."""
