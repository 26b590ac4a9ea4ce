"""A short fingerprint of each input that stays close when the input changes a little."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

SIDE = 8


def signatures(inputs: Tensor) -> npt.NDArray[np.uint8]:
    """(N, C, H, W) in [0, 1] -> (N, 64): grey means of an 8 x 8 grid; records (N, C) -> (N, 4 C): their
    float32 bytes, little-endian.
    """
    if inputs.ndim == 2:
        return inputs.numpy().astype("<f4").view(np.uint8).reshape(len(inputs), -1)
    grey = adaptive_avg_pool2d(inputs.mean(1, keepdim=True), (SIDE, SIDE)).flatten(1)
    found: npt.NDArray[np.uint8] = (grey * 255).round().clamp(0, 255).to(torch.uint8).numpy()
    return found
