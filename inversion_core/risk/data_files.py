"""Reference data of assets/reference: YAML read once into frozen models, mistakes told in sentences."""

import hashlib
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError

from inversion_core.choices import Frozen
from inversion_core.errors import DataUnusable
from inversion_core.scenario import sentences
from inversion_core.settings import ASSETS

FOLDER = ASSETS / "reference"
NAMES = ("references", "crosswalk", "statements")

Document = TypeVar("Document", bound=Frozen)


def read(name: str, kind: type[Document], folder: Path = FOLDER) -> Document:
    """Return the document `name`.yaml; raises DataUnusable with one sentence a mistake."""
    try:
        return kind.model_validate(yaml.safe_load((folder / f"{name}.yaml").read_text()))
    except ValidationError as error:
        raise unusable(name, sentences(error, name)) from error
    except (OSError, yaml.YAMLError) as error:
        raise unusable(name, [str(error).splitlines()[0]]) from error


def reference_version(folder: Path = FOLDER) -> str:
    """Return the version of all reference data: the start of the sha256 over the files in their order."""
    found = hashlib.sha256()
    for name in NAMES:
        try:
            found.update((folder / f"{name}.yaml").read_bytes())
        except OSError as error:
            raise unusable(name, [str(error)]) from error
    return found.hexdigest()[:12]


def unusable(name: str, mistakes: list[str]) -> DataUnusable:
    """Return the error that tells what is wrong with a document."""
    return DataUnusable(
        f"references are read from assets/reference/{name}.yaml, which is damaged; restore it from the "
        f"repository or mend it: {'; '.join(mistakes)}"
    )
