"""Whom a model is trained on: private members, their held-out photos, and public data of other people."""
