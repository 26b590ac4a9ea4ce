"""Where priors are found by name: a prior is one safetensors file with its card, shipped or made by train-prior."""

from inversion_core.settings import ASSETS

FOLDER = ASSETS / "priors"


def prior_names() -> list[str]:
    """Return the names of the shipped priors, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.safetensors"))
