"""What hiding the questions costs, whether the answers are the same, and what the other side saw of one."""

import time
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inversion_core.channels.base import Traffic
from inversion_core.channels.private import PrivateTarget
from inversion_core.datasets.base import PhotoDataset
from inversion_core.targets.base import Target
from inversion_core.trials.driver import Driver

PHOTOS = 10
"""Held-out photos asked one by one, each through the channel and plainly."""
SCORE_BYTES = 4
"""Bytes of one score in a plain answer."""


def measured(channel: PrivateTarget, target: Target, dataset: PhotoDataset, driver: Driver) -> dict[str, Any]:
    """Return the part of the result about the channel; one question as each server saw it goes to the store
    as `server-view-sheet`, the photo itself first.
    """
    photos = dataset.held_out().inputs[:PHOTOS]
    before = channel.party.traffic()
    seconds, hidden = _timed(channel, photos)
    travelled = channel.party.traffic()
    plain_seconds, plain = _timed(target, photos)
    channel.predict(photos[:1].float() / 255)
    views = [_picture(view, photos.shape[1:]) for view in channel.party.views]
    driver.keep_sheet("server-view-sheet", torch.stack([photos[0], *views]))
    told = {
        "name": channel.channel.value,
        "photos": len(photos),
        "ms_per_query": 1000 * seconds / len(photos),
        **_a_query(before, travelled, len(photos)),
        "bytes_setup": travelled.setup,
        "max_abs_difference": (hidden - plain).abs().max().item(),
        "same_label": int((hidden.argmax(1) == plain.argmax(1)).sum()),
        "server_saw": channel.party.saw,
        "protects": channel.party.protects,
        "leaves_open": channel.party.leaves_open,
        "view_correlation": [_correlation(photos[0], view) for view in views],
        "plain": {
            "ms_per_query": 1000 * plain_seconds / len(photos),
            "bytes_up": photos[0].numel(),
            "bytes_down": SCORE_BYTES * target.class_count,
        },
    }
    return {"channel": told}


def _timed(asked: Target | PrivateTarget, photos: Tensor) -> tuple[float, Tensor]:
    """Return the seconds for all photos, one by one, and the scores (N, K)."""
    began = time.monotonic()
    scores = [asked.predict(photo[None].float() / 255) for photo in photos]
    return time.monotonic() - began, torch.cat(scores)


def _a_query(before: Traffic, after: Traffic, count: int) -> dict[str, float]:
    """Return the bytes of one question, each way."""
    first, last = asdict(before), asdict(after)
    return {f"bytes_{way}": (last[way] - first[way]) / count for way in ("up", "down", "between")}


def _picture(view: bytes, shape: torch.Size) -> Tensor:
    """Return what a server received as a picture (C, H, W) uint8: of shares the highest byte of each word."""
    if len(view) == 8 * shape.numel():
        view = view[7::8]
    return torch.from_numpy(np.frombuffer(view, np.uint8)[: shape.numel()].copy()).view(shape)


def _correlation(photo: Tensor, view: Tensor) -> float:
    """Return Pearson's correlation of what was asked and what was seen, byte by byte."""
    return float(np.corrcoef(photo.flatten().numpy(), view.flatten().numpy())[0, 1])
