"""Pure checks and sums of the ledger: what may be posted, and what an ERA's amounts become."""
