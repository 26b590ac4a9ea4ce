"""A sweep is a list of scenarios run through the same jobs as any other, and read as a matrix."""
