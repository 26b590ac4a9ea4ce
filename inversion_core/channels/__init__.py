"""How a question travels to the model and the answer back, so that who computes does not learn what is asked.

`private` is the client's side; each way of hiding has one file, with the other side in a process of its own.
"""
