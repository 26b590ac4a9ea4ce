"""Targets made of trees: one, many that vote, many that correct each other. Fitted by scikit-learn."""

from collections.abc import Generator, Mapping
from typing import Any

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from inversion_core.seeds import derive
from inversion_core.tables import Records
from inversion_core.targets.base import GrownTarget, Target
from inversion_core.targets.encoding import Encoder
from inversion_core.targets.tree_arrays import (
    ABSENT,
    BoostedTrees,
    Tree,
    TreeEnsemble,
    VotingTrees,
    boosted_tree,
    voting_tree,
)
from inversion_core.values import Progress

BATCH = 5
"""Trees fitted between two reports of progress."""


class TreeTarget(GrownTarget):
    """What targets of trees share: the arrays they are kept as."""

    ensemble: type[TreeEnsemble] = VotingTrees

    def build(self, input_shape: tuple[int, ...], class_count: int) -> nn.Module:
        """Return one tree of one leaf."""
        return self.ensemble(Encoder(self.columns), trees=1, nodes=1, class_count=class_count)

    def skeleton(self, state: Mapping[str, Tensor]) -> nn.Module:
        """Return empty arrays of the size of those in `state`."""
        trees, nodes = (len(state.get(name, ())) for name in ("roots", "feature"))
        return self.ensemble(Encoder(self.columns), trees=trees, nodes=nodes, class_count=self.class_count)

    def size(self) -> int:
        """Return the number of nodes of all trees."""
        assert isinstance(self.network, TreeEnsemble)
        return self.network.node_count

    def filled(self, trees: list[Tree], start: Tensor | None = None) -> nn.Module:
        """Return fitted trees as a network."""
        nodes = sum(len(tree.left) for tree in trees)
        network = self.ensemble(
            Encoder(self.columns), trees=len(trees), nodes=nodes, class_count=self.class_count
        )
        network.fill(trees, start)
        return network


class DecisionTree(TreeTarget):
    """One tree of yes-or-no questions; its leaves know how many training records they hold.

    The model of the white-box attack of Fredrikson, Jha and Ristenpart (CCS 2015).
    """

    name = "decision-tree"
    title = "Decision tree"

    class Params(Target.Params):
        """How far the tree grows."""

        max_depth: int = Field(10, ge=1, le=64, description="Questions on the longest path.")
        min_leaf: int = Field(1, ge=1, description="Training records a leaf holds at least.")
        seed: int = Field(0, ge=0, description="Seed that decides between equally good questions.")

    params: Params

    def grow(self, records: Records, class_count: int) -> Generator[Progress, None, nn.Module]:
        """Fit the tree in one step."""
        from sklearn.tree import DecisionTreeClassifier

        yield Progress(0, 1, 0.0, note="growing the tree")
        model = DecisionTreeClassifier(
            max_depth=self.params.max_depth,
            min_samples_leaf=self.params.min_leaf,
            random_state=_state(self.params.seed),
        )
        model.fit(*_arrays(self, records))
        yield Progress(1, 1, 0.0, note="growing the tree")
        return self.filled([voting_tree(model, model.classes_, class_count)])


class RandomForest(TreeTarget):
    """Many trees, each grown on other records and asking about other columns, that vote.

    Breiman, "Random forests" (Machine Learning, 2001).
    """

    name = "random-forest"
    title = "Random forest"

    class Params(Target.Params):
        """How many trees, and how far each grows."""

        trees: int = Field(50, ge=1, le=1000, description="Trees that vote.")
        max_depth: int = Field(14, ge=1, le=64, description="Questions on the longest path.")
        min_leaf: int = Field(1, ge=1, description="Training records a leaf holds at least.")
        seed: int = Field(0, ge=0, description="Seed of the records and columns each tree sees.")

    params: Params

    def grow(self, records: Records, class_count: int) -> Generator[Progress, None, nn.Module]:
        """Fit the trees a few at a time."""
        from sklearn.ensemble import RandomForestClassifier

        model = RandomForestClassifier(
            max_depth=self.params.max_depth,
            min_samples_leaf=self.params.min_leaf,
            random_state=_state(self.params.seed),
            warm_start=True,
        )
        data = _arrays(self, records)
        yield from _in_batches(model, "n_estimators", self.params.trees, data)
        return self.filled([voting_tree(tree, model.classes_, class_count) for tree in model.estimators_])


class GradientBoosting(TreeTarget):
    """Small trees, each correcting what those before it got wrong.

    Friedman, "Greedy function approximation" (Annals of Statistics, 2001), in scikit-learn's histogram form:
    a continuous column is split at 255 places at most.
    """

    name = "gradient-boosting"
    title = "Gradient boosting"
    ensemble = BoostedTrees

    class Params(Target.Params):
        """How many rounds, and how much each corrects."""

        rounds: int = Field(100, ge=1, le=2000, description="Rounds of correction, a tree a class in each.")
        learning_rate: float = Field(0.1, gt=0, le=1, description="Share of the error that a tree corrects.")
        max_leaves: int = Field(31, ge=2, le=1024, description="Leaves of a tree at most.")
        min_leaf: int = Field(20, ge=1, description="Training records a leaf holds at least.")
        seed: int = Field(0, ge=0, description="Seed of the histograms.")

    params: Params

    def grow(self, records: Records, class_count: int) -> Generator[Progress, None, nn.Module]:
        """Fit the rounds a few at a time."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        model = HistGradientBoostingClassifier(
            learning_rate=self.params.learning_rate,
            max_leaf_nodes=self.params.max_leaves,
            min_samples_leaf=self.params.min_leaf,
            early_stopping=False,
            random_state=_state(self.params.seed),
            warm_start=True,
        )
        yield from _in_batches(model, "max_iter", self.params.rounds, _arrays(self, records))
        return self.filled(*_boosted(model, class_count))


def _arrays(target: Target, records: Records) -> tuple[np.ndarray, np.ndarray]:
    encoder = Encoder(target.columns)
    features = np.concatenate([encoder(part).numpy() for part in records.inputs.split(target.chunk)])
    return features, records.labels.numpy()


def _in_batches(
    model: Any, counter: str, total: int, data: tuple[np.ndarray, np.ndarray]
) -> Generator[Progress, None, None]:
    """Fit a warm-starting model some trees further at a time."""
    for done in [*range(BATCH, total, BATCH), total]:
        model.set_params(**{counter: done})
        model.fit(*data)
        yield Progress(done, total, 0.0, note=f"growing trees, {done} of {total}")


def _boosted(model: Any, class_count: int) -> tuple[list[Tree], Tensor]:
    """Return the trees of a fitted HistGradientBoostingClassifier and the logits they start from."""
    labels = model.classes_.astype(int)
    if len(labels) == 2:
        labels = labels[1:]  # of two classes only the second has trees and a start; the first stays at zero
    start = torch.full((class_count,), ABSENT)
    start[torch.as_tensor(model.classes_.astype(int))] = 0
    start[torch.as_tensor(labels)] = torch.as_tensor(model._baseline_prediction).float().flatten()
    trees = [
        boosted_tree(predictor.nodes, int(label), class_count)
        for round_ in model._predictors
        for label, predictor in zip(labels, round_, strict=True)
    ]
    return trees, start


def _state(seed: int) -> int:
    """Return the seed in scikit-learn's range."""
    return derive(seed, "trees") % 2**32
