"""Success against the number of queries: the headline score at every state an attack kept on its way."""

from typing import Any

from inversion_core.metrics import intervals
from inversion_core.metrics.closest_photo import pictures
from inversion_core.metrics.evaluator_success import share
from inversion_core.metrics.recognition import answers, ranks
from inversion_core.values import Reconstruction, Truth


def success_by_queries(reconstruction: Reconstruction, truth: Truth) -> list[dict[str, Any]]:
    """Return one row a checkpoint, the one that asked least first; empty where no queries were counted.

    Keys: `queries` (rows a victim), `value` (share of victims the independent evaluator names first, as
    evaluator-top1), `low`, `high` (Wilson, 95 %), `n` and `baseline` (guessing).
    """
    classes = reconstruction.classes
    rows = []
    for checkpoint in reconstruction.checkpoints:
        then = Reconstruction(checkpoint.samples, classes, reconstruction.confidence)
        named = answers(truth.evaluator, pictures(then))
        hits = ranks(named, classes) == 1
        low, high = intervals.wilson(int(hits.sum()), len(hits))
        rows.append(
            {
                "queries": checkpoint.queries,
                "value": share(hits),
                "low": low,
                "high": high,
                "n": len(hits),
                "baseline": 1 / named.shape[1],
            }
        )
    return rows
