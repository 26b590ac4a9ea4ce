"""What goes beside a report: strict JSON of its data, sizes and hashes of files, and what it is known by."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from inversion_core.reports.blocks import Report

SHORT = 12
"""Hexadecimal digits that stand at the foot of every page."""


def as_json(data: Any) -> bytes:
    """Return data as JSON: UTF-8, keys sorted, indented, equal data as equal bytes.

    Raises ValueError for what JSON has no word for, NaN and infinities: readers differ in what they make.
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=2)
    return (text.encode("utf-8", "backslashreplace")) + b"\n"


def manifest(files: Mapping[str, bytes]) -> bytes:
    """Return the sha256 and the size in bytes of every file, as JSON by name."""
    told = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()
    }
    return as_json({"format": 1, "files": told})


def fingerprint(report: Report) -> str:
    """Return 12 digits of the sha256 of what a report says: a page on paper is matched with its file."""
    return hashlib.sha256(repr(spelt(report)).encode("utf-8", "backslashreplace")).hexdigest()[:SHORT]


def spelt(value: object) -> object:
    """Return a value as names, texts and tuples alone; pictures as their hash, sets in order."""
    if is_dataclass(value):
        parts = tuple(spelt(getattr(value, field.name)) for field in fields(value))
        return type(value).__name__, parts
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, frozenset):
        return tuple(sorted(value))
    return tuple(map(spelt, value)) if isinstance(value, tuple) else value
