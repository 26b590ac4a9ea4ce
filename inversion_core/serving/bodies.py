"""Request bodies become inputs of the model; everything a stranger may send is checked here."""

import base64
import binascii
import io
import math
import warnings
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError
from torch import Tensor

from inversion_core.serving.refusals import Refusal
from inversion_core.tables import Column

JSON, PNG = "application/json", "image/png"
MODES = {1: "L", 3: "RGB"}
"""Channels -> how Pillow calls a picture of 8 bits a channel."""


class RawPictures(BaseModel):
    """Pictures as raw numbers: nothing is lost and nothing has to be decoded."""

    model_config = ConfigDict(extra="forbid", strict=True)

    data: str = Field(description="Base64 of N x C x H x W bytes, row-major, 0 to 255.")
    shape: list[int] = Field(min_length=4, max_length=4, description="N, C, H, W.")


class PredictRequest(BaseModel):
    """Exactly one of the three; a model of pictures takes `images` or `tensor`, one of tables `records`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    images: list[str] | None = Field(None, description="PNG files, each in base64.")
    tensor: RawPictures | None = Field(None, description="Pictures as raw numbers.")
    records: list[list[FiniteFloat | None]] | None = Field(
        None,
        description="Rows in the order of the card's columns: the number of a level (0 is the first) or a "
        "value; null where it is unknown.",
    )


@dataclass(frozen=True)
class Wanted:
    """What the model takes: `shape` of one input, `columns` of a table, at most `rows` at once."""

    shape: tuple[int, ...]
    columns: tuple[Column, ...]
    rows: int


def read_body(body: bytes, media_type: str, wanted: Wanted) -> Tensor:
    """Return the inputs (N, *shape) float32; raises Refusal in one sentence."""
    kind = media_type.partition(";")[0].strip().lower()
    if kind == PNG:
        _require_pictures(wanted)
        return _floats(_png(body, wanted, "the body")[None])
    if kind != JSON:
        raise Refusal(
            "media-type",
            f"a body is {JSON} or {PNG}, {kind[:60] or 'none'!r} was named; set the header Content-Type",
        )
    asked = _parse(body)
    if asked.records is not None:
        return _records(asked.records, wanted)
    _require_pictures(wanted)
    if asked.tensor is not None:
        return _floats(_raw(asked.tensor, wanted))
    assert asked.images is not None
    _require_rows(len(asked.images), wanted)
    pictures = [_png(_bytes(one, f"images.{i}"), wanted, f"images.{i}") for i, one in enumerate(asked.images)]
    return _floats(torch.stack(pictures))


def _parse(body: bytes) -> PredictRequest:
    try:
        asked = PredictRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the body"
        raise Refusal("input-invalid", f"{place}: {first['msg'][0].lower()}{first['msg'][1:]}") from error
    given = [name for name in ("images", "tensor", "records") if getattr(asked, name) is not None]
    if len(given) != 1:
        raise Refusal(
            "input-invalid",
            f"a body has one of images, tensor and records, {' and '.join(given) or 'none'} was given; "
            "send one",
        )
    return asked


def _require_pictures(wanted: Wanted) -> None:
    if len(wanted.shape) != 3:
        raise Refusal("input-invalid", "this model reads records, pictures were sent; send records")


def _require_rows(rows: int, wanted: Wanted) -> None:
    if rows < 1:
        raise Refusal("input-invalid", "a request asks at least one row, none was sent; send one")
    if rows > wanted.rows:
        raise Refusal(
            "too-large",
            f"a request asks at most {wanted.rows:,} rows, {rows:,} were sent; send fewer at once",
        )


def _raw(tensor: RawPictures, wanted: Wanted) -> Tensor:
    rows, *shape = tensor.shape
    _require_rows(rows, wanted)
    if tuple(shape) != wanted.shape:
        raise Refusal(
            "input-invalid",
            f"tensor.shape: a picture has shape {list(wanted.shape)}, {shape} was sent; send that shape",
        )
    data = _bytes(tensor.data, "tensor.data")
    if len(data) != math.prod(tensor.shape):
        raise Refusal(
            "input-invalid",
            f"tensor.data: {math.prod(tensor.shape):,} bytes belong to that shape, {len(data):,} were sent",
        )
    return torch.frombuffer(bytearray(data), dtype=torch.uint8).view(rows, *wanted.shape)


def _png(data: bytes, wanted: Wanted, place: str) -> Tensor:
    """Return a PNG as (C, H, W) uint8; it is decoded only once its header says the size of an input."""
    channels, height, width = wanted.shape
    mode = MODES.get(channels, "")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=("PNG",))
        if (picture.size, picture.mode) != ((width, height), mode):
            raise Refusal(
                "input-invalid",
                f"{place}: a picture is {width} x {height} pixels in mode {mode}, "
                f"{picture.width} x {picture.height} in {picture.mode} was sent; convert it",
            )
        pixels = np.array(picture).reshape(height, width, channels)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refusal(
            "input-invalid", f"{place}: the picture is far larger than {width} x {height}"
        ) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise Refusal("input-invalid", f"{place}: a picture is a whole PNG file, this is none") from error
    return torch.from_numpy(pixels).permute(2, 0, 1)


def _records(rows: list[list[float | None]], wanted: Wanted) -> Tensor:
    if len(wanted.shape) != 1:
        raise Refusal(
            "input-invalid", "this model reads pictures, records were sent; send images or a tensor"
        )
    _require_rows(len(rows), wanted)
    width = wanted.shape[0]
    for place, row in enumerate(rows):
        if len(row) != width:
            raise Refusal(
                "input-invalid", f"records.{place}: a record has {width} values, {len(row)} were sent"
            )
    values = torch.tensor(
        [[math.nan if value is None else value for value in row] for row in rows], dtype=torch.float64
    ).float()
    if values.isinf().any():
        raise Refusal(
            "input-invalid", "records: a value is beyond what the model can hold; send smaller ones"
        )
    for place, column in enumerate(wanted.columns):
        _require_levels(values[:, place], column)
    return values


def _require_levels(codes: Tensor, column: Column) -> None:
    if column.levels is None:
        return
    known = codes[~codes.isnan()]
    if bool(((known < 0) | (known >= len(column.levels)) | (known != known.round())).any()):
        raise Refusal(
            "input-invalid",
            f"records: column {column.name!r} takes whole numbers from 0 to {len(column.levels) - 1}, "
            "others were sent; the card lists its levels",
        )


def _bytes(text: str, place: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal("input-invalid", f"{place}: base64 was expected, this is none") from error


def _floats(pictures: Tensor) -> Tensor:
    """(N, C, H, W) uint8 -> float32 in [0, 1], as the oracles of this package round them."""
    return pictures.float() / 255
