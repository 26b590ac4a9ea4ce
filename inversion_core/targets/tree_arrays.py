"""Trees as arrays: exported from scikit-learn once, then a network like any other, kept without a pickle.

All nodes of all trees lie in one row of arrays; a leaf is its own child, so that every record takes as many
steps as the deepest tree has levels. Sizes in shapes: N records, F features, T trees, M nodes, K classes.
"""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from inversion_core.targets.encoding import Encoder

AT_ONCE = 2**16
"""Pairs of a record and a tree on their way at once; what they touch then stays in the processor's cache."""
ABSENT = -100.0
"""Logit of a class that no training record had."""


@dataclass(frozen=True, eq=False)
class Tree:
    """One tree: children (-1 in leaves), what splits where, what a leaf says (M, K), training rows (M,)."""

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray
    rows: np.ndarray


class TreeEnsemble(nn.Module):
    """(N, C) codes -> (N, K) logits by way of the leaves that a record reaches.

    `branches` (2M,) holds of node m the right child at 2m and the left one at 2m + 1.
    """

    roots: Tensor
    branches: Tensor
    feature: Tensor
    threshold: Tensor
    missing_left: Tensor
    value: Tensor
    share: Tensor
    depth: Tensor
    start: Tensor

    def __init__(self, encoder: Encoder, *, trees: int, nodes: int, class_count: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.register_buffer("roots", torch.zeros(trees, dtype=torch.int32))
        self.register_buffer("branches", torch.zeros(2 * nodes, dtype=torch.int32))
        self.register_buffer("feature", torch.zeros(nodes, dtype=torch.int32))
        self.register_buffer("threshold", torch.zeros(nodes))
        self.register_buffer("missing_left", torch.zeros(nodes, dtype=torch.bool))
        self.register_buffer("value", torch.zeros(nodes, class_count))
        self.register_buffer("share", torch.zeros(nodes))
        self.register_buffer("depth", torch.zeros((), dtype=torch.long))
        self.register_buffer("start", torch.zeros(class_count))

    @abstractmethod
    def combine(self, values: Tensor) -> Tensor:
        """(N, T, K) what the leaves say -> (N, K) logits."""

    def fill(self, trees: list[Tree], start: Tensor | None = None) -> None:
        """Take over fitted trees, and the logits (K,) they start from."""
        before = np.cumsum([0, *(len(tree.left) for tree in trees)])
        inner = np.concatenate([tree.left >= 0 for tree in trees])
        own = np.arange(before[-1])
        right, left = (
            np.where(inner, np.concatenate([one + at for one, at in zip(side, before, strict=False)]), own)
            for side in ([tree.right for tree in trees], [tree.left for tree in trees])
        )
        parts = {
            "roots": before[:-1],
            "branches": np.stack([right, left], 1).ravel(),
            "feature": np.where(inner, np.concatenate([tree.feature for tree in trees]), 0),
            "threshold": np.concatenate([_rounded_down(tree.threshold) for tree in trees]),
            "missing_left": np.concatenate([tree.missing_left for tree in trees]),
            "value": np.concatenate([tree.value for tree in trees]),
            "share": np.concatenate([tree.rows / tree.rows[0] for tree in trees]),
            "depth": np.array(max(_depth(tree) for tree in trees)),
        }
        for name, values in parts.items():
            self.get_buffer(name).copy_(torch.as_tensor(values))
        if start is not None:
            self.start.copy_(start)

    @property
    def node_count(self) -> int:
        """M."""
        return len(self.feature)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C) -> (N, K)."""
        return torch.cat([self.combine(self.value[part]) for part in self._leaves(inputs)])

    def activations(self, inputs: Tensor) -> Tensor:
        """(N, C) -> (N, T): the share of the training rows in the leaf that each record reaches."""
        return torch.cat([self.share[part] for part in self._leaves(inputs)])

    def reach(self, column: int, code: float) -> Tensor:
        """Return (T,): the share of the training rows in all leaves that some record with `code` in the
        categorical `column` reaches.
        """
        asks = (self.encoder.column == column)[self.feature]
        answer = (self.encoder.level == code).float()[self.feature] <= self.threshold
        right, left = self.branches.long().view(-1, 2).unbind(1)
        reached = torch.zeros(self.node_count, dtype=torch.bool)
        reached[self.roots.long()] = True
        for _ in range(int(self.depth)):
            reached[left[reached & (~asks | answer)]] = True
            reached[right[reached & (~asks | ~answer)]] = True
        leaf = left == torch.arange(self.node_count)
        rows = (self.share * (reached & leaf)).double()
        tree = torch.bucketize(torch.arange(self.node_count), self.roots.long(), right=True) - 1
        return torch.zeros(len(self.roots)).double().index_add(0, tree, rows).float()

    def _leaves(self, inputs: Tensor) -> Iterator[Tensor]:
        """(N, C) -> (n, T) for some records at a time: the node of the leaf reached in each tree."""
        for part in inputs.split(max(1, AT_ONCE // len(self.roots))):
            yield self._descend(self.encoder(part)).view(len(part), -1).long()

    def _descend(self, features: Tensor) -> Tensor:
        """(n, F) -> (n * T,). Flat arrays and 32-bit places: several times faster than gathering rows."""
        rows, width = features.shape
        flat, gaps = features.flatten(), bool(features.isnan().any())
        first = (torch.arange(rows, dtype=torch.int32) * width).repeat_interleave(len(self.roots))
        node = self.roots.repeat(rows)
        for _ in range(int(self.depth)):
            value = flat.index_select(0, first + self.feature.index_select(0, node))
            goes_left = value <= self.threshold.index_select(0, node)
            if gaps:
                goes_left |= value.isnan() & self.missing_left.index_select(0, node)
            node = self.branches.index_select(0, 2 * node + goes_left)
        return node


class VotingTrees(TreeEnsemble):
    """Leaves hold shares of the classes; the logits are the logarithms of their mean."""

    def combine(self, values: Tensor) -> Tensor:
        """(N, T, K) -> (N, K)."""
        return values.mean(1).clamp_min(torch.finfo(torch.float32).tiny).log()


class BoostedTrees(TreeEnsemble):
    """Leaves hold steps of the logits, the learning rate already in them; they add up."""

    def combine(self, values: Tensor) -> Tensor:
        """(N, T, K) -> (N, K)."""
        return self.start + values.sum(1)


def voting_tree(fitted: Any, classes: np.ndarray, class_count: int) -> Tree:
    """Return a fitted DecisionTreeClassifier; `classes` are the labels its values are in the order of."""
    arrays = fitted.tree_
    value = np.zeros((arrays.node_count, class_count))
    value[:, classes.astype(int)] = arrays.value[:, 0]
    return Tree(
        arrays.children_left,
        arrays.children_right,
        arrays.feature,
        arrays.threshold,
        arrays.missing_go_to_left.astype(bool),
        value,
        arrays.weighted_n_node_samples,
    )


def boosted_tree(nodes: np.ndarray, label: int, class_count: int) -> Tree:
    """Return one tree of a HistGradientBoostingClassifier from its node table; it steps the logit of
    `label`.
    """
    leaf = nodes["is_leaf"].astype(bool)
    value = np.zeros((len(nodes), class_count))
    value[:, label] = nodes["value"]
    return Tree(
        np.where(leaf, -1, nodes["left"].astype(np.int64)),
        np.where(leaf, -1, nodes["right"].astype(np.int64)),
        nodes["feature_idx"],
        nodes["num_threshold"],
        nodes["missing_go_to_left"].astype(bool),
        value,
        nodes["count"].astype(float),
    )


def _rounded_down(threshold: np.ndarray) -> np.ndarray:
    """Return the largest float32 not above each float64: x <= t is then the same for every float32 x."""
    single = threshold.astype(np.float32)
    return np.where(single > threshold, np.nextafter(single, np.float32(-np.inf)), single)


def _depth(tree: Tree) -> int:
    """Return the number of steps from the root to the deepest leaf."""
    level, depth = np.array([0]), 0
    while len(level := level[tree.left[level] >= 0]):
        level, depth = np.concatenate([tree.left[level], tree.right[level]]), depth + 1
    return depth
