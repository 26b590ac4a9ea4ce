"""Which part of a service a row of a matrix defends, told from the scenarios its cells were run as."""

from collections.abc import Iterator

from pages.ui.comparison import Comparison

TRAINING = "How the model is trained"
ANSWERS = "What an answer tells"
OPERATION = "How the service is run"


def groups(kept: Comparison) -> dict[str, str]:
    """Return defended row -> its group; rows of one group stand together, the groups in the order above."""
    bare = kept.matrix.undefended
    found = {row: _group(kept, row) for row in kept.matrix.rows if row != bare}
    order = (TRAINING, ANSWERS, OPERATION)
    return dict(sorted(found.items(), key=lambda one: order.index(one[1])))


def _group(kept: Comparison, row: str) -> str:
    """Who trains otherwise, or on other data, defends the training whatever else a row does; what changes
    neither target nor answers is a rule about who may ask what.
    """
    changed = set(_changed(kept, row))
    return TRAINING if changed & {"target", "dataset"} else ANSWERS if changed else OPERATION


def _changed(kept: Comparison, row: str) -> Iterator[str]:
    """Yield what is otherwise than in the undefended row, of all the columns."""
    for column in kept.matrix.columns:
        ours, bare = (
            kept.scenarios.get((name, column, "naive")) for name in (row, kept.matrix.undefended or "")
        )
        if ours is None or bare is None:
            continue
        yield from (part for part in ("target", "dataset") if ours.get(part) != bare.get(part))
        if ours.get("exposure", {}).get("defences") != bare.get("exposure", {}).get("defences"):
            yield "answers"
