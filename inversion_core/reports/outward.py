"""What a report may say outside of the machine it was made on."""

from collections.abc import Mapping
from pathlib import PureWindowsPath
from typing import Any
from urllib.parse import urlsplit

PATHS = ("path", "prior")


def outward(value: Any, name: str = "") -> Any:
    """Return JSON data without what only this machine means: the last part of a `path` or `prior`, an `url`
    without name, password and query.
    """
    if isinstance(value, Mapping):
        return {key: outward(part, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [outward(part, name) for part in value]
    if name in PATHS and isinstance(value, str):
        return PureWindowsPath(value).name  # which knows both kinds of slashes
    return _address(value) if name == "url" and isinstance(value, str) else value


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
