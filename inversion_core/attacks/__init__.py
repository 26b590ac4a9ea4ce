"""One file a paper: each attack sees an oracle and its own knowledge, never the truth."""
