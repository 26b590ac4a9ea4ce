"""How good a reconstruction is; the only readers of the truth."""
