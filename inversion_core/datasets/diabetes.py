"""The diabetes study: 442 patients, ten measurements, and how far the disease went in a year.

Efron, Hastie, Johnstone & Tibshirani, "Least angle regression" (Annals of Statistics, 2004); bundled with
scikit-learn. Nothing is downloaded.
"""

from functools import lru_cache

import numpy as np
from pydantic import Field

from inversion_core.datasets.base import DatasetCard
from inversion_core.datasets.sheet import Cased, Sheet, SheetDataset, public_columns, records, split
from inversion_core.values import Modality

NAMES = {
    "age": "age",
    "sex": "sex",
    "bmi": "body mass index",
    "bp": "blood pressure",
    "s1": "cholesterol",
    "s2": "low-density lipoproteins",
    "s3": "high-density lipoproteins",
    "s4": "cholesterol ratio",
    "s5": "log triglycerides",
    "s6": "blood sugar",
}
SEXES = ("coded 1", "coded 2")
"""The study does not say which is which."""


class Diabetes(SheetDataset):
    """Measurements of 442 patients: a model predicts how fast the disease goes, the attack guesses the sex.

    Real patients. The label is whether the disease went further in a year than in the median patient.
    """

    name = "diabetes"
    title = "Diabetes study (Efron 2004)"
    reference = "Efron et al., Annals of Statistics 32 (2004)"

    class Params(SheetDataset.Params):
        """How the patients are split."""

        train_share: float = Field(
            0.5, ge=0.1, le=0.9, description="Share of the records that are members; the rest are held out."
        )
        seed: int = Field(0, ge=0, description="Seed of the split.")

    params: Params

    @property
    def card(self) -> DatasetCard:
        """Describe the study."""
        return DatasetCard(
            modality=Modality.TABLE,
            classes=2,
            shape=(len(self.columns),),
            class_is_person=False,
            category="medical",
            licence="bundled with scikit-learn (BSD)",
            origin="Efron et al. 2004, through scikit-learn",
            synthetic=False,
        )

    def sheet(self) -> Sheet:
        """Return the study, read once a process."""
        return _sheet(self.params.train_share, self.params.seed)


@lru_cache(maxsize=4)
def _sheet(share: float, seed: int) -> Sheet:
    from sklearn.datasets import load_diabetes

    study = load_diabetes(scaled=False)
    place = {name: column for column, name in enumerate(study.feature_names)}
    cased = [Cased(name, study.data[:, place[short]].astype(np.float32)) for short, name in NAMES.items()]
    sex = place["sex"]
    cased[sex] = Cased("sex", cased[sex].cells - 1, SEXES)
    labels = (study.target > np.median(study.target)).astype(np.int64)
    members = split(len(labels), share, seed)
    return Sheet(
        columns=public_columns(cased, members),
        classes=("slow", "fast"),
        members=records(cased, labels, members),
        others=records(cased, labels, ~members),
        sensitive=sex,
    )
