"""Pure rules of patient money: who may be billed now, for what, why, and what was paid."""
