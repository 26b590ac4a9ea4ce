"""Models that give something away: architectures, their training, and the cards that travel with the weights."""
