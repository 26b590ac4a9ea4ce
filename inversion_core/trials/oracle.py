"""Open the oracle of a scenario, and tell what was seen through it."""

from collections.abc import Sequence

from inversion_core.defences.base import OutputDefence
from inversion_core.oracles import Exposed, Oracle, open_oracle
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng

SEEN = {
    "white-box": "the model's weights (a frozen copy)",
    "scores": "the scores the API releases",
    "labels": "the winning label the API releases",
    "templates": "the templates the store's extractor makes",
}
"""Access level -> what the adversary sees of the model, for the ledger."""


def open_for(
    scenario: Scenario, target: Exposed, defences: Sequence[OutputDefence], *, budgeted: bool = True
) -> Oracle:
    """Return a fresh oracle with the scenario's access, its output defences made ready and, for an adversary,
    its budget.
    """
    return open_oracle(
        target,
        scenario.exposure.access,
        budget=scenario.exposure.query_budget if budgeted else None,
        defences=defences,
        rng=torch_rng(scenario.seed, "exposure"),
    )
