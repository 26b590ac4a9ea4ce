"""What holds for the training data as a whole: the share of a group, read off the answers of a model.

Who carries a gene variant, which the label depends on, and who is female, which it does not; from scores and
from labels alone.
"""

from inversion_core.choices import Choice, DatasetChoice, Exposure, TargetChoice
from inversion_core.scenario import Scenario
from inversion_core.values import Access

SEEDS = (0, 1, 2)
GROUPS = {"carrier": "yes", "sex": "female"}
ROWS = {"scores": Access.SCORES, "labels only": Access.LABELS}


def scenarios() -> tuple[Scenario, ...]:
    """Return the runs that ship."""
    return tuple(
        scenario(column, access, seed) for seed in SEEDS for column in GROUPS for access in ROWS.values()
    )


def scenario(column: str, access: Access, seed: int) -> Scenario:
    """Return one run about a group of `clinic`."""
    params = {"column": column, "level": GROUPS[column], "shadows": 120, "rows": 1000}
    return Scenario(
        dataset=DatasetChoice(name="clinic"),
        target=TargetChoice(name="decision-tree"),
        exposure=Exposure(access=access),
        attack=Choice(name="property-inference", params=params),
        seed=seed,
    )
