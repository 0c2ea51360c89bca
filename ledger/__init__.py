"""The double-entry book of every dollar, and the rules that post a payer's answer to it."""
