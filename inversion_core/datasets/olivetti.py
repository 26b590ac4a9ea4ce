"""The Olivetti faces: 40 people with 10 photographs each, 64 x 64, grey, as scikit-learn serves them.

Samaria & Harter, "Parameterisation of a stochastic model for human face identification", 1994; split as
Fredrikson, Jha & Ristenpart (CCS 2015) did, 7 photos to train on and 3 held out. Nothing is downloaded here.
"""

import hashlib
import os
from functools import cache
from pathlib import Path

import torch

from inversion_core.datasets.base import DatasetCard, PhotoDataset
from inversion_core.errors import DataUnusable
from inversion_core.values import Modality, Photos

PEOPLE = 40
PHOTOS = 10
TRAIN = 7
SIZE = 64
FETCH = 'python -c "from sklearn.datasets import fetch_olivetti_faces as fetch; fetch()"'


class Olivetti(PhotoDataset):
    """The Olivetti (AT&T) faces: real photographs of 40 people, in grey, where scikit-learn has fetched them.

    The file is looked for where scikit-learn keeps its data (the variable SCIKIT_LEARN_DATA moves it). It is
    a pickle, so a scenario cannot name another place: only who runs the installation chooses what is loaded.
    """

    name = "olivetti"
    title = "Olivetti faces"
    reference = "Samaria & Harter, 1994"

    def __init__(self, **options: object) -> None:
        """Check that the file is there; it is read on first use, and scikit-learn imported no earlier."""
        super().__init__(**options)
        self._home = str(Path(os.environ.get("SCIKIT_LEARN_DATA", "~/scikit_learn_data")).expanduser())
        if not os.path.exists(os.path.join(self._home, "olivetti_py3.pkz")):
            raise DataUnusable(
                f"the Olivetti faces are read from {self._home!r}, they are not there; {_how_to_fetch()}"
            )

    @property
    def card(self) -> DatasetCard:
        """Describe the photographs."""
        return DatasetCard(
            modality=Modality.IMAGE,
            classes=PEOPLE,
            shape=(1, SIZE, SIZE),
            class_is_person=True,
            category="biometric",
            licence="research, with credit to Olivetti Research Laboratory",
            origin="AT&T Laboratories Cambridge, 1992 to 1994, through scikit-learn",
            synthetic=False,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The people have no names."""
        return tuple(f"person {number}" for number in range(1, PEOPLE + 1))

    def train(self) -> Photos:
        """Return the first 7 photos of each person."""
        return _photos(self._home, 0, TRAIN)

    def held_out(self) -> Photos:
        """Return the last 3 photos of each person."""
        return _photos(self._home, TRAIN, PHOTOS)

    def fingerprint(self) -> str:
        """Return a digest of the decoded photographs."""
        everything = _photos(self._home, 0, PHOTOS)
        return f"v{self.version}-{hashlib.sha256(everything.inputs.numpy().tobytes()).hexdigest()}"


def _how_to_fetch() -> str:
    return f"fetch them once with: {FETCH}"


@cache
def _photos(home: str, first: int, last: int) -> Photos:
    """Return photos `first` to `last` of each person; raises DataUnusable for a damaged file."""
    from sklearn.datasets import fetch_olivetti_faces

    try:
        faces = fetch_olivetti_faces(data_home=home, download_if_missing=False)
        images = torch.from_numpy(faces.images).reshape(PEOPLE, PHOTOS, 1, SIZE, SIZE)[:, first:last]
    except Exception as error:
        # A damaged pickle raises whatever its bytes spell.
        raise DataUnusable(
            f"the Olivetti faces in {home!r} cannot be read ({error}); delete the file and {_how_to_fetch()}"
        ) from error
    labels = torch.arange(PEOPLE).repeat_interleave(last - first)
    return Photos((images.flatten(0, 1) * 255).round().to(torch.uint8), labels)
