"""Submitting, watching, cancelling and recovering runs; one path for a laptop and a cluster."""
