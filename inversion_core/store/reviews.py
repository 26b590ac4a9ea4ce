"""The half of the run store that risk reviews use, put together from its parts."""

from inversion_core.store.agreement import Agreement
from inversion_core.store.overrides import OverrideShelf
from inversion_core.store.shares import ShareShelf


class ReviewShelf(Agreement, OverrideShelf, ShareShelf):
    """Assessments, reports, decisions, policies, links, and the log of who did what."""
