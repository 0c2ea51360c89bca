"""Patient money as values: what is printed on a statement, what a bill is made of, payments."""
