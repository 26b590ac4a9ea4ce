"""What the pages share: guard, forms made from Params, charts, picture grids, words; none is a page."""
