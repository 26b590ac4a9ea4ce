"""Open the oracle of a scenario, and tell what was seen through it."""

from inversion_core.oracles import Oracle, open_oracle
from inversion_core.scenario import Scenario
from inversion_core.seeds import torch_rng
from inversion_core.targets.base import Target

SEEN = {
    "white-box": "the model's weights (a frozen copy)",
    "scores": "the scores the API releases",
    "labels": "the winning label the API releases",
}
"""Access level -> what the adversary sees of the model, for the ledger."""


def open_for(scenario: Scenario, target: Target) -> Oracle:
    """Return a fresh oracle with the scenario's access, budget and output defences."""
    return open_oracle(
        target,
        scenario.exposure.access,
        budget=scenario.exposure.query_budget,
        defences=scenario.output_defences(),
        rng=torch_rng(scenario.seed, "exposure"),
    )
