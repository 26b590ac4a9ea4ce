"""What the adversary sees: an oracle has only the methods of its access level and counts every row asked.

In-process Python cannot hide a model from hostile code; these walls keep honest code honest and the ledger
exact. An API takes pictures, not floats: scores and labels are those of the nearest picture with 8 bits a
channel, so that a run in this process and one over a network see the same model.
"""

import copy
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inversion_core import pictures
from inversion_core.defences.base import OutputDefence, answered
from inversion_core.errors import AccessDenied, QueryBudgetExceeded
from inversion_core.updates import Tensors, Update, as_sent_out, local_update, mean_of
from inversion_core.values import Access

INSIDE = 16384
"""Records whose activations are computed at once."""
EMBEDDED = 512
"""Pictures that are embedded at once."""
NO_TEMPLATES = "templates are what a network makes of a picture before its last layer, this target has none"


class Exposed(Protocol):
    """The part of a target an oracle is opened on."""

    network: nn.Module
    input_shape: tuple[int, ...]
    class_count: int

    def predict(self, inputs: Tensor) -> Tensor:
        """(N, *shape) -> (N, K) probabilities."""
        ...


class Oracle:
    """Counts rows; at the budget it raises QueryBudgetExceeded before answering."""

    access: Access

    def __init__(self, input_shape: tuple[int, ...], class_count: int, budget: int | None = None) -> None:
        self.input_shape = input_shape
        self.class_count = class_count
        self.budget = budget
        self.spent = 0
        self._ledger = threading.Lock()

    @property
    def remaining(self) -> int | None:
        """Rows that may still be asked; None where there is no budget."""
        return None if self.budget is None else self.budget - self.spent

    def _charge(self, rows: int) -> None:
        with self._ledger:
            if self.budget is not None and self.spent + rows > self.budget:
                raise QueryBudgetExceeded(
                    f"query budget is {self.budget}, {self.spent} spent, {rows} more asked for; "
                    "raise the budget in the exposure or lower the attack's steps"
                )
            self.spent += rows

    def logits(self, inputs: Tensor) -> Tensor:
        """Raise AccessDenied; only the weights give logits and gradients."""
        raise AccessDenied(f"logits and gradients need {Access.WHITE_BOX}, this oracle gives {self.access}")

    def scores(self, inputs: Tensor) -> Tensor:
        """Raise AccessDenied unless the level gives scores."""
        raise AccessDenied(
            f"scores need {Access.SCORES} or {Access.WHITE_BOX}, this oracle gives {self.access}"
        )

    def labels(self, inputs: Tensor) -> Tensor:
        """Raise AccessDenied unless the level gives labels."""
        raise AccessDenied(f"labels need {Access.LABELS} or more, this oracle gives {self.access}")

    def answers(self, inputs: Tensor) -> Tensor:
        """(N, *shape) -> (N, K), detached: scores where the level gives them, else a label as its corner."""
        if self.access.covers(Access.SCORES):
            return self.scores(inputs).detach()
        return F.one_hot(self.labels(inputs), self.class_count).float()

    def directions(self) -> Tensor | None:
        """Raise AccessDenied; only the model itself shows its weights."""
        raise AccessDenied(f"weights are seen with {Access.WHITE_BOX}, this oracle gives {self.access}")

    def features(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Raise AccessDenied; only the model itself shows what goes into its last layer."""
        raise AccessDenied(f"features need {Access.WHITE_BOX}, this oracle gives {self.access}")

    def quieten(self) -> None:
        """Raise AccessDenied; only who holds the model can change how it is used."""
        raise AccessDenied(f"noise is switched off with {Access.WHITE_BOX}, this oracle gives {self.access}")

    def templates(self, inputs: Tensor) -> Tensor:
        """Raise AccessDenied unless the level gives templates."""
        raise AccessDenied(
            f"templates need {Access.TEMPLATES} or {Access.WHITE_BOX}, this oracle gives {self.access}"
        )

    def activations(self, inputs: Tensor) -> Tensor:
        """Raise AccessDenied; only the model itself shows what happens inside it."""
        raise AccessDenied(f"activations need {Access.WHITE_BOX}, this oracle gives {self.access}")

    def reach(self, column: int, code: float) -> Tensor:
        """Raise AccessDenied; only the model itself shows its trees."""
        raise AccessDenied(f"trees are seen with {Access.WHITE_BOX}, this oracle gives {self.access}")


class WhiteBox(Oracle):
    """Hands out a frozen copy of the model: logits with gradients, and what goes on inside."""

    access = Access.WHITE_BOX

    def __init__(self, target: Exposed, budget: int | None = None) -> None:
        super().__init__(target.input_shape, target.class_count, budget)
        # Copied together, so that the trunk is a part of the copy and not another one.
        self._network, self._trunk = copy.deepcopy((target.network, _trunk(target)))
        self._network.eval().requires_grad_(False)
        self._body, self._last = _split(self._network, self._trunk)

    def logits(self, inputs: Tensor) -> Tensor:
        """(N, *shape) in [0, 1] -> (N, K), differentiable with respect to the inputs."""
        self._charge(len(inputs))
        logits: Tensor = self._network(inputs)
        return logits

    def scores(self, inputs: Tensor) -> Tensor:
        """(N, *shape) -> (N, K) probabilities, differentiable."""
        return self.logits(inputs).softmax(1)

    def labels(self, inputs: Tensor) -> Tensor:
        """(N, *shape) -> (N,) int64."""
        return self.logits(inputs).argmax(1)

    def quieten(self) -> None:
        """From here on use the mean where a layer draws in use: of its copy, not of the model itself."""
        for layer in self._network.modules():
            if getattr(layer, "noise", None) is True:
                layer.noise = False  # type: ignore[assignment]  # a flag, no part of the network

    def directions(self) -> Tensor | None:
        """Return (K, F): for each class the weights of the last layer, what the network looks for in its
        features; None where the network does not end in a linear layer. No row is asked.
        """
        return None if self._last is None else self._last.weight.detach().clone()

    def features(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """(N, C, H, W) -> what goes into the last layer (N, F) and the logits (N, K), detached. Raises
        AccessDenied where the network does not end in a linear layer.
        """
        if self._body is None or self._last is None:
            raise AccessDenied(
                "features are what goes into a last linear layer, this target has none; choose another target"
            )
        self._charge(len(inputs))
        with torch.no_grad():
            entering: Tensor = self._body(inputs).flatten(1)
            return entering, self._last(entering)

    def templates(self, inputs: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, F) of unit length, detached. Raises AccessDenied for a target without."""
        if self._trunk is None:
            raise AccessDenied(NO_TEMPLATES)
        self._charge(len(inputs))
        return _embedded(self._trunk, inputs.detach())

    def activations(self, inputs: Tensor) -> Tensor:
        """(N, C) records -> (N, F): the output of every hidden unit, or for each tree the share of the
        training rows in the leaf that a record reaches. Raises AccessDenied for a target of pictures.
        """
        inside = self._inside("activations")
        self._charge(len(inputs))
        with torch.no_grad():
            return torch.cat([inside(part) for part in inputs.split(INSIDE)])

    def reach(self, column: int, code: float) -> Tensor:
        """Return (T,): for each tree the share of the training rows in the leaves that some record with
        `code` in `column` reaches; read off the trees, no row is asked. Raises AccessDenied without trees.
        """
        shares: Tensor = self._inside("reach")(column, code)
        return shares

    def _inside(self, name: str) -> Callable[..., Tensor]:
        found = getattr(self._network, name, None)
        if found is None:
            raise AccessDenied(
                f"{name}: what goes on inside is read off targets of tables that show it, "
                "this one does not; choose another target"
            )
        return cast(Callable[..., Tensor], found)


class ScoreOracle(Oracle):
    """An API that releases scores, after its output defences in the order given."""

    access = Access.SCORES

    def __init__(
        self,
        target: Exposed,
        budget: int | None = None,
        defences: Sequence[OutputDefence] = (),
        rng: torch.Generator | None = None,
    ) -> None:
        super().__init__(target.input_shape, target.class_count, budget)
        self._predict = target.predict
        self._defences = tuple(defences)
        self._rng = rng or torch.Generator().manual_seed(0)

    def scores(self, inputs: Tensor) -> Tensor:
        """(N, *shape) -> (N, K), detached, as released."""
        self._charge(len(inputs))
        try:
            return answered(self._ask, self._defences, as_sent(inputs.detach()), self._rng)
        except QueryBudgetExceeded as error:  # of a service elsewhere, whose wall is lower than ours
            self.spent -= len(inputs) - error.answered
            raise

    def _ask(self, inputs: Tensor) -> Tensor:
        return self._predict(inputs).detach().cpu()

    def labels(self, inputs: Tensor) -> Tensor:
        """(N, *shape) -> (N,) int64: the class with the highest released score."""
        return self.scores(inputs).argmax(1)


class LabelOracle(ScoreOracle):
    """An API that releases the winning class, of scores its output defences have passed, and nothing else."""

    access = Access.LABELS

    def scores(self, inputs: Tensor) -> Tensor:
        """Raise AccessDenied: this service gives labels only."""
        raise AccessDenied(
            f"scores need {Access.SCORES} or {Access.WHITE_BOX}, this oracle gives {self.access}"
        )

    def labels(self, inputs: Tensor) -> Tensor:
        """(N, *shape) -> (N,) int64."""
        return super().scores(inputs).argmax(1)


class TemplateOracle(Oracle):
    """A store of face templates whose extractor may be fed: embeddings, no scores and no labels.

    A template is the input of the target's last layer, scaled to unit length as matching by angle does.
    """

    access = Access.TEMPLATES

    def __init__(self, target: Exposed, budget: int | None = None) -> None:
        super().__init__(target.input_shape, target.class_count, budget)
        trunk = _trunk(target)
        if trunk is None:
            raise AccessDenied(NO_TEMPLATES)
        self._trunk = trunk

    def templates(self, inputs: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, F) of unit length, detached."""
        self._charge(len(inputs))
        return _embedded(self._trunk, as_sent(inputs.detach()))


class GradientOracle(Oracle):
    """The server of a federated round: the network it sent out, the updates that came back, no photo.

    `network` is a copy in the mode in which clients train it. What the server tries on its own copy counts
    as rows, as with the weights.
    """

    access = Access.GRADIENTS

    def __init__(
        self,
        target: Exposed,
        updates: Sequence[Update],
        *,
        steps: int,
        rate: float,
        budget: int | None = None,
    ) -> None:
        super().__init__(target.input_shape, target.class_count, budget)
        self.network = as_sent_out(target.network)
        self.updates = tuple(updates)
        self.steps = steps
        # Where every photo is treated alone, one step of many clients is one step with all their photos.
        self._mixes = any(isinstance(part, nn.BatchNorm2d) for part in self.network.modules())
        self.rate = rate

    def would_send(self, update: Update, inputs: Tensor, targets: Tensor) -> tuple[Tensors, Tensors]:
        """Return the change and the statistics that would have come instead of `update` from clients with
        `inputs` (N, C, H, W) and `targets`, labels (N,) or probabilities (N, K); differentiable in both.
        """
        self._charge(len(inputs) * self.steps)
        size = len(update) if self.steps == 1 and not self._mixes else update.photos
        pairs = zip(inputs.split(size), targets.split(size), strict=True)
        sent = [
            local_update(self.network, *pair, self.steps, self.rate, differentiable=True) for pair in pairs
        ]
        changes, statistics = zip(*sent, strict=True)
        return mean_of(list(changes)), mean_of(list(statistics))


def as_sent(inputs: Tensor) -> Tensor:
    """Return pictures (N, C, H, W) as an API receives them, 8 bits a channel; records (N, C) as they are.

    Contiguous, as bytes that travelled are: a convolution sums in another order where the layout is another.
    """
    return pictures.to_bytes(inputs).contiguous().float() / 255 if inputs.ndim == 4 else inputs


def open_oracle(
    target: Exposed,
    access: Access,
    *,
    budget: int | None = None,
    defences: Sequence[OutputDefence] = (),
    rng: torch.Generator | None = None,
) -> Oracle:
    """Return the oracle of an access level; raises AccessDenied for a level images are not served at."""
    if access is Access.WHITE_BOX:
        return WhiteBox(target, budget)
    if access is Access.SCORES:
        return ScoreOracle(target, budget, defences, rng)
    if access is Access.LABELS:
        return LabelOracle(target, budget, defences, rng)
    if access is Access.TEMPLATES:
        return TemplateOracle(target, budget)
    raise AccessDenied(
        f"access is one of white-box, scores, labels, templates; {access} is not served by this target"
    )


def _trunk(target: Exposed) -> nn.Module | None:
    """Return the target up to its last layer, None where it has no such thing."""
    found = getattr(target, "trunk", None)
    return cast(nn.Module | None, found()) if found else None


def _split(network: nn.Module, trunk: nn.Module | None) -> tuple[nn.Module | None, nn.Linear | None]:
    """Return a network's part before the last linear layer and that layer; None twice where there is none."""
    *_, last = network.modules()
    before = trunk or (network[:-1] if isinstance(network, nn.Sequential) and network[-1] is last else None)
    return (before, last) if before is not None and isinstance(last, nn.Linear) else (None, None)


def _embedded(trunk: nn.Module, inputs: Tensor) -> Tensor:
    """(N, C, H, W) -> (N, F) of unit length."""
    with torch.inference_mode():
        parts = [trunk(part).flatten(1) for part in inputs.split(EMBEDDED)]
    return F.normalize(torch.cat(parts).cpu()).clone()
