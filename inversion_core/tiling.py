"""The one rule of how a sheet of tiles is laid out; free of torch, so that a page can cut a sheet before
torch is there.
"""

import math


def columns_for(count: int) -> int:
    """Return how many columns a sheet of `count` tiles has; a function of the count alone, so sheets can be
    cut.
    """
    return max(1, math.ceil(math.sqrt(count * 1.5)))
