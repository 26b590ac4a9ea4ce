"""Copying the model: from an API that only answers to weights that can be searched.

A copy stolen with a budget of questions and then searched as if it were the model, beside the attack that
asks the API directly with as many questions; for scores and for labels alone.
"""

from inversion_core.choices import Choice, Exposure, TargetChoice
from inversion_core.scenario import Scenario
from inversion_core.values import Access

VICTIMS = tuple(range(0, 100, 4))
BUDGETS = (1_000, 3_000, 10_000)
"""Rows asked of the model for all victims together."""
REPEATED = 3_000
"""The budget that is run with three seeds."""
DIRECT = {Access.SCORES: "nes-latent", Access.LABELS: "brep-mi"}
"""Access level -> the attack that asks the API about each victim."""


def scenarios() -> tuple[Scenario, ...]:
    """Return the theft and the direct attack at each budget, and once with three seeds."""
    chosen = [(Access.SCORES, budget, 0) for budget in BUDGETS]
    chosen += [(Access.LABELS, budget, 0) for budget in BUDGETS[1:]]
    chosen += [(Access.SCORES, REPEATED, seed) for seed in (1, 2)]
    return tuple(
        made(access, budget, seed, stolen=stolen)
        for access, budget, seed in chosen
        for stolen in (True, False)
    )


def made(access: Access, budget: int, seed: int, *, stolen: bool) -> Scenario:
    """Return the theft, or the direct attack whose questions are shared out among the victims."""
    attack = Choice(name="knockoff", params={"queries": budget})
    if not stolen:
        attack = Choice(name=DIRECT[access], params={"queries": budget // len(VICTIMS)})
    return Scenario(
        target=TargetChoice(name="cnn"),
        exposure=Exposure(access=access, query_budget=budget),
        attack=attack,
        victims=VICTIMS,
        seed=seed,
    )
