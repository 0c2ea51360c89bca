"""What the ledger gives to others and takes from them: amounts and opaque keys."""
