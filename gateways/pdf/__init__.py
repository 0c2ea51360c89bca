"""PDF out: the only importer of `typst`. Every page is PDF/UA-1, from a template and plain data."""
