"""Reads of the book: rows and sums from the database, and the balances made of them."""
