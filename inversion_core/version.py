"""Which version of this product runs: the number of its release, and a hash of its sources."""

import hashlib
import tomllib
from functools import lru_cache

from inversion_core.settings import ROOT

PRODUCT, SOURCES = "inversion-core", "inversion-core-sources"
"""Names under which a result keeps both beside the versions of packages."""
PACKAGE = ROOT / "inversion_core"
DIGITS = 12
UNKNOWN = "unknown"


@lru_cache(maxsize=1)
def release() -> str:
    """Return the version of pyproject.toml, UNKNOWN where this copy of the product came without the file."""
    try:
        whole = tomllib.loads((ROOT / "pyproject.toml").read_text())
    except FileNotFoundError:
        return UNKNOWN
    return str(whole["project"]["version"])


@lru_cache(maxsize=1)
def sources() -> str:
    """Return the first hex digits of the sha256 over names and bytes of the package's sources, as they lay
    when this was first asked.
    """
    digest = hashlib.sha256()
    for name, path in sorted((one.relative_to(PACKAGE).as_posix(), one) for one in PACKAGE.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:DIGITS]
