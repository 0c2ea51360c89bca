"""Code sets, search, suggestions and the coder's work on a visit."""
