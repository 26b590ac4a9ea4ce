"""A form made from a `Params` model: types, limits and descriptions come from the component, none from here.

Limits of widgets are a courtesy of the browser; the scenario checks everything again before a run is made.
"""

from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st
from pydantic import BaseModel

LIMITS = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))


def params_form(
    params: type[BaseModel], *, key: str, initial: Mapping[str, Any], leave: Collection[str] = ()
) -> dict[str, Any]:
    """Draw one widget a field and return the values that differ from the defaults.

    `initial` holds values to start from, by field; fields of `leave` are drawn elsewhere. Raises TypeError
    for a field no widget fits.
    """
    chosen = {}
    for name, field in fields(params).items():
        if name in leave:
            continue
        value = _widget(name, field, key=f"{key}-{name}", value=initial.get(name, field.get("default")))
        if value != field.get("default"):
            chosen[name] = value
    return chosen


def fields(params: type[BaseModel]) -> dict[str, dict[str, Any]]:
    """Return the schema of each field by name."""
    schema = params.model_json_schema()
    return {name: _resolved(field, schema) for name, field in schema.get("properties", {}).items()}


def _resolved(field: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a field's schema with references followed and `X | None` unfolded to X with `optional` set."""
    found = dict(field)
    if "anyOf" in found:
        kinds = [kind for kind in found.pop("anyOf") if kind.get("type") != "null"]
        found = {**_resolved(kinds[0], schema), **found, "optional": True}
    if "$ref" in found:
        found = {**schema["$defs"][found.pop("$ref").rsplit("/", 1)[1]], **found}
    return found


def _widget(name: str, field: Mapping[str, Any], *, key: str, value: Any) -> Any:
    label = name.replace("_", " ").capitalize()
    common: dict[str, Any] = {"key": key, "help": field.get("description") or None}
    if "enum" in field:
        options = list(field["enum"])
        return st.selectbox(label, options, index=options.index(value) if value in options else 0, **common)
    match field.get("type"):
        case "boolean":
            return st.toggle(label, value=bool(value), **common)
        case "integer":
            return _number(label, field, value, whole=True, **common)
        case "number":
            return _number(label, field, value, whole=False, **common)
        case "string":
            return st.text_input(label, value=value or "", **common) or field.get("default")
        case "array" if field["items"].get("type") in ("string", "integer"):
            return _names(label, value, **common) or field.get("default")
        case "object":
            return _pairs(label, value, **common)
    raise TypeError(
        f"a form can show numbers, choices, switches, text and lists; {name!r} is {field.get('type')!r}"
    )


def _names(label: str, value: Any, **common: Any) -> list[str]:
    """Ask for any number of names, or of whole numbers, which the scenario reads from their digits."""
    before = [str(one) for one in value or ()]
    return list(st.multiselect(label, before, default=before, accept_new_options=True, **common))


def _pairs(label: str, value: Any, **common: Any) -> dict[str, str]:
    """Ask for names with a value each, a line for each; lines without a colon are left out."""
    lines = "\n".join(f"{name}: {one}" for name, one in (value or {}).items())
    told = st.text_area(label, lines, placeholder="name: value", **common)
    parts = [line.rsplit(":", 1) for line in told.splitlines() if ":" in line]
    return {name.strip(): one.strip() for name, one in parts}


def _number(label: str, field: Mapping[str, Any], value: Any, *, whole: bool, **common: Any) -> Any:
    kind = int if whole else float
    low, high = (_limit(field, kind, *names) for names in LIMITS)
    default = field.get("default")
    shown = st.number_input(
        label,
        min_value=low,
        max_value=high,
        value=None if value is None else kind(value),
        step=_step(kind(default) if default else kind(1), whole=whole),
        format=None if whole else "%.6g",
        placeholder="not set" if field.get("optional") else None,
        **common,
    )
    return default if shown is None and not field.get("optional") else shown


def _limit(field: Mapping[str, Any], kind: type, inclusive: str, exclusive: str) -> Any:
    """Return the nearest value a widget may offer; the scenario checks an open limit."""
    for name in (inclusive, exclusive):
        if name in field:
            return kind(field[name])
    return None


def _step(value: float, *, whole: bool) -> Any:
    """Return a step of about a tenth of the value: 1, 2 or 5 times a power of ten."""
    if whole:
        return max(1, int(10 ** (len(str(abs(int(value)))) - 2)))
    magnitude = 1.0
    while magnitude > abs(value) / 5:
        magnitude /= 10
    return magnitude
