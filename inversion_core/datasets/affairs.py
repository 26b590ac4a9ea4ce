"""The affairs survey: 6,366 married women answered Redbook magazine in 1974.

Fair, "A theory of extramarital affairs" (Journal of Political Economy, 1978); bundled with statsmodels by
permission of the author. Nothing is downloaded.
"""

from functools import lru_cache

import numpy as np
from pydantic import Field

from inversion_core.datasets.base import DatasetCard
from inversion_core.datasets.sheet import Cased, Cells, Sheet, SheetDataset, public_columns, records, split
from inversion_core.values import Modality

RELIGION = ("not", "mildly", "fairly", "strongly")
WORK = (
    "student",
    "farming or unskilled work",
    "office work",
    "teaching, nursing, arts or skilled work",
    "business or administration",
    "profession with a degree",
)
VERY_GOOD = 5


class Affairs(SheetDataset):
    """A survey of 6,366 married women: a model predicts a very good marriage, the attack guesses affairs.

    Real answers, given anonymously. The sensitive column is whether any time was spent in affairs at all; the
    label is whether the marriage was rated 5 of 5.
    """

    name = "affairs"
    title = "Affairs survey (Fair 1978)"
    reference = "Fair, Journal of Political Economy 86 (1978)"

    class Params(SheetDataset.Params):
        """How the answers are split."""

        train_share: float = Field(
            0.5, ge=0.05, le=0.95, description="Share of the records that are members; the rest are held out."
        )
        seed: int = Field(0, ge=0, description="Seed of the split.")

    params: Params

    @property
    def card(self) -> DatasetCard:
        """Describe the survey."""
        return DatasetCard(
            modality=Modality.TABLE,
            classes=2,
            shape=(len(self.columns),),
            class_is_person=False,
            category="private life",
            licence="bundled with statsmodels by permission of the author",
            origin="Redbook magazine, 1974, through statsmodels",
            synthetic=False,
        )

    def sheet(self) -> Sheet:
        """Return the survey, read once a process."""
        return _sheet(self.params.train_share, self.params.seed)


@lru_cache(maxsize=4)
def _sheet(share: float, seed: int) -> Sheet:
    # Imports half of statsmodels: only when somebody asks for it.
    from statsmodels.datasets import fair

    table = fair.load_pandas().data

    def numbers(name: str) -> Cells:
        return np.asarray(table[name], dtype=np.float32)

    affair = (numbers("affairs") > 0).astype(np.float32)
    cased = [
        Cased("age", numbers("age")),
        Cased("years married", numbers("yrs_married")),
        Cased("children", numbers("children")),
        Cased("religious", numbers("religious") - 1, RELIGION),
        Cased("years of education", numbers("educ")),
        Cased("work", numbers("occupation") - 1, WORK),
        Cased("husband's work", numbers("occupation_husb") - 1, WORK),
        Cased("affair", affair, ("no", "yes")),
    ]
    labels = (numbers("rate_marriage") == VERY_GOOD).astype(np.int64)
    members = split(len(labels), share, seed)
    columns = public_columns(cased, members)
    return Sheet(
        columns=columns,
        classes=("less than very good", "very good"),
        members=records(cased, labels, members),
        others=records(cased, labels, ~members),
        sensitive=len(cased) - 1,
        positive=1,
        grouping=(3, 5),
    )
