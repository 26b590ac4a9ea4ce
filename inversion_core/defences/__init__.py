"""Controls: in training, on outputs, on updates; each gives back the kind of thing it was given."""
