"""X12 5010 for health care: read, check, write. Standard library only, imports nothing of ours."""
