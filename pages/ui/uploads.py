"""Tables that visitors upload: kept under the hash of their content, so that runs on them can be repeated.

The name of a visitor's file never becomes a path; it is only shown back to them.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from inversion_core.errors import StoreUnavailable
from inversion_core.settings import settings

NAME = re.compile(r"[0-9a-f]{64}\.csv")


@dataclass(frozen=True)
class Upload:
    """A kept table: where it lies, and what its visitor calls it."""

    path: Path
    called: str

    def told(self, sentence: str) -> str:
        """Return a sentence about the file with the name its visitor knows."""
        return sentence.replace(str(self.path), self.called).replace(self.path.name, self.called)


def folder() -> Path:
    """Return where uploads lie."""
    return settings().data_folder.resolve() / "uploads"


def keep(data: bytes, called: str) -> Upload:
    """Keep a table; the same content is kept once. Raises StoreUnavailable."""
    place = folder() / f"{hashlib.sha256(data).hexdigest()}.csv"
    try:
        folder().mkdir(parents=True, exist_ok=True)
        if not place.exists():
            beside = place.with_suffix(".part")
            beside.write_bytes(data)
            beside.replace(place)
    except OSError as error:
        raise StoreUnavailable(
            f"uploads are kept in the data folder, it cannot be written ({error.strerror}); "
            "make room there or free it for writing"
        ) from error
    return Upload(place, called)


def again(path: str) -> Upload | None:
    """Return the upload a stored scenario was made with, None where the path is no upload or is gone."""
    place = Path(path)
    if place.parent != folder() or not NAME.fullmatch(place.name) or not place.exists():
        return None
    return Upload(place, "the table uploaded earlier")


def forget(upload: Upload) -> None:
    """Delete a table; stored results on it stay, but no such run can be repeated."""
    upload.path.unlink(missing_ok=True)
