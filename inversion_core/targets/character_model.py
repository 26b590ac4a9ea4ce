"""A small language model that writes one character after the other, by causal convolutions.

Dilated causal convolutions: van den Oord et al., "WaveNet" (2016); no recurrence, so that a gradient for each
note is cheap. Left out: gates and skip connections.
"""

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from inversion_core.datasets.base import Dataset
from inversion_core.datasets.notes import ALPHABET
from inversion_core.tables import Records
from inversion_core.targets.base import NetworkTarget
from inversion_core.targets.generator import GenerativeTarget
from inversion_core.values import Modality

KERNEL, DILATIONS = 3, (1, 2, 4, 8)
"""The next character follows from the 31 before it."""
ASKED = 2048
END = 0


class Writer(nn.Module):
    """Notes (N, T) of character codes -> the mean loss of a character of each (N,)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(len(ALPHABET), width)
        self.layers = nn.ModuleList(nn.Conv1d(width, width, KERNEL, dilation=step) for step in DILATIONS)
        self.leave = nn.Linear(width, len(ALPHABET))

    def forward(self, notes: Tensor) -> Tensor:
        """Return the loss of each note, its first END included and what fills it up left out."""
        codes = notes.long()
        logits = self.logits(F.pad(codes, (1, 0), value=END)[:, :-1])
        losses = F.cross_entropy(logits.transpose(1, 2), codes, reduction="none")
        counted = ((codes == END).cumsum(1) <= 1).float()
        return (losses * counted).sum(1) / counted.sum(1)

    def logits(self, codes: Tensor) -> Tensor:
        """(N, T) int64 -> logits of what follows each character (N, T, V)."""
        hidden = self.embed(codes).transpose(1, 2)
        for step, layer in zip(DILATIONS, self.layers, strict=True):
            hidden = hidden + F.relu(layer(F.pad(hidden, (step * (KERNEL - 1), 0))))
        found: Tensor = self.leave(hidden.transpose(1, 2))
        return found

    def next_scores(self, contexts: Tensor) -> Tensor:
        """(N, T) codes from the start of a note -> probabilities of the next character (N, V)."""
        with torch.no_grad():
            parts = [
                self.logits(F.pad(part.long(), (1, 0), value=END))[:, -1] for part in contexts.split(ASKED)
            ]
        return torch.cat(parts).double().softmax(1)


class CharacterModel(GenerativeTarget):
    """A language model of characters, trained on notes in which a few secrets are repeated."""

    name = "character-model"
    title = "Character-level language model"
    reference = "van den Oord et al., 2016"
    modality = Modality.TEXT

    class Params(NetworkTarget.Params):
        """How large it is, and how long it learns."""

        width: int = Field(64, ge=8, le=1024, description="Units of a layer.")
        epochs: int = Field(
            10, ge=1, le=1000, description="Passes over the notes before anything is removed from them."
        )
        batch_size: int = Field(64, ge=1, le=4096, description="Notes in a training step.")
        learning_rate: float = Field(5e-3, gt=0, le=10, description="Peak step size of the optimiser.")

    params: Params

    def collect(self, dataset: Dataset) -> Records:
        """Return the notes."""
        notes = dataset.train()
        assert isinstance(notes, Records)
        return notes

    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Return the untrained network."""
        return Writer(self.params.width)
