"""Image priors an attacker may own, learnt from public people only."""
