"""What the command line reads and where it writes, refused in a sentence where that cannot be."""

import tempfile
from pathlib import Path

from inversion_core.errors import ScenarioInvalid, StoreUnavailable

MOST_BYTES = 1_000_000


def read_text(path: Path, kind: str) -> str:
    """Return the text of a JSON file that holds a `kind`: "scenario" or "sweep"; raises ScenarioInvalid."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ScenarioInvalid(
                [f"a {kind} is a small JSON file, {path} has {path.stat().st_size:,} bytes"]
            )
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioInvalid(
            [f"a {kind} is a JSON file, {path} cannot be read ({error.strerror}); check the path"]
        ) from error
    except UnicodeDecodeError as error:
        raise ScenarioInvalid([f"a {kind} is UTF-8 text, {path} is not; save it as UTF-8"]) from error


def require_writable(folder: Path) -> None:
    """Make the folder; raises StoreUnavailable when nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StoreUnavailable(
            f"--out must be a folder that can be written, {folder} is not ({error.strerror}); choose another"
        ) from error
