"""What a glossary holds about each score."""

from typing import NamedTuple


class Explanation(NamedTuple):
    """A score in words a reader without machine learning follows."""

    title: str
    meaning: str
    not_shown: str
