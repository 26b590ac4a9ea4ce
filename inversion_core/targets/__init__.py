"""Models that give something away: architectures, training, and the cards that travel with the weights."""
