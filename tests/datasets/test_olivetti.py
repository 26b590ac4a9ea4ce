"""The Olivetti faces through scikit-learn's loader, with its file written here from the same photographs."""

from pathlib import Path

import joblib
import numpy as np
import pytest
import torch
from sklearn.datasets import get_data_home

from inversion_core.datasets.olivetti import Olivetti
from inversion_core.errors import DataUnusable

PHOTOGRAPHS = Path(__file__).parents[2] / "../shared/data/faces_olivetti64/olivetti_64.npz"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def faces(home: Path) -> torch.Tensor:
    """Store the photographs as scikit-learn does (each one transposed) and return them (400, 64, 64)."""
    images = np.load(PHOTOGRAPHS)["images"]
    joblib.dump(
        images.transpose(0, 2, 1).reshape(400, 4096) / np.float32(255), home / "olivetti_py3.pkz", compress=6
    )
    return torch.from_numpy(images)


def test_seven_photos_train_and_three_are_held_out(faces: torch.Tensor) -> None:
    data = Olivetti()
    train, held_out = data.train(), data.held_out()
    assert (len(data.classes), data.card.shape, data.card.synthetic) == (40, (1, 64, 64), False)
    assert torch.equal(train.labels, torch.arange(40).repeat_interleave(7))
    assert torch.equal(held_out.labels, torch.arange(40).repeat_interleave(3))
    by_person = faces.view(40, 10, 1, 64, 64)
    for photos, expected in ((train, by_person[:, :7]), (held_out, by_person[:, 7:])):
        assert photos.inputs.dtype == torch.uint8
        # The loader stretches the darkest to the brightest pixel over the whole scale.
        spread = (expected.flatten(0, 1).float() - faces.min()) / (faces.max() - faces.min()) * 255
        assert (photos.inputs.float() - spread).abs().max() <= 0.51


def test_the_fingerprint_is_that_of_the_photographs(faces: torch.Tensor) -> None:
    assert Olivetti().fingerprint() == Olivetti().fingerprint()
    assert len(Olivetti().fingerprint()) > 64


def test_making_it_needs_no_reading(home: Path) -> None:
    (home / "olivetti_py3.pkz").write_bytes(b"")
    assert Olivetti().card.classes == 40


def test_a_missing_file_is_told_with_the_way_to_fetch_it(home: Path) -> None:
    with pytest.raises(
        DataUnusable, match=r"they are not there; fetch them once with: python -c .*fetch_olivetti"
    ):
        Olivetti()


@pytest.mark.parametrize("content", [b"", b"not a pickle"])
def test_a_damaged_file_is_told(home: Path, content: bytes) -> None:
    (home / "olivetti_py3.pkz").write_bytes(content)
    with pytest.raises(DataUnusable, match=r"cannot be read .*; delete the file and fetch them once"):
        Olivetti().train()


def test_a_file_of_other_photographs_is_told(home: Path) -> None:
    joblib.dump(np.zeros((10, 4096), dtype=np.float32), home / "olivetti_py3.pkz")
    with pytest.raises(DataUnusable, match="cannot be read"):
        Olivetti().train()


def test_the_file_is_looked_for_where_scikit_learn_keeps_it(home: Path) -> None:
    with pytest.raises(DataUnusable) as caught:
        Olivetti()
    assert repr(get_data_home()) in str(caught.value)
