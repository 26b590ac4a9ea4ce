"""A published model and everybody's row but one: the last row is computed, until noise hides it.

Naive Bayes and logistic regression on three tables as they are, and the Gaussian mechanism from epsilon 0.1
to 1000.
"""

from inversion_core.choices import Choice, DatasetChoice, TargetChoice
from inversion_core.scenario import Scenario

VICTIMS = tuple(range(100))
TABLES = ("clinic", "credit", "diabetes")
MODELS = ("naive-bayes", "logistic-regression")
EPSILONS = (0.1, 1.0, 10.0, 100.0, 1000.0)


def scenarios() -> tuple[Scenario, ...]:
    """Return the runs that ship: every table as it is, and the sweep of epsilon on `clinic`, where each
    victim meets noise of their own.
    """
    plain = [scenario(table, model) for table in TABLES for model in MODELS]
    noisy = [scenario("clinic", model, epsilon) for model in MODELS for epsilon in EPSILONS]
    return (*plain, *noisy)


def scenario(table: str, model: str, epsilon: float | None = None, seed: int = 0) -> Scenario:
    """Return one run; without an epsilon the model is published as it is."""
    private = [Choice(name="gaussian-mechanism", params={"epsilon": epsilon})] if epsilon else []
    return Scenario(
        dataset=DatasetChoice(name=table),
        target=TargetChoice(name=model, defences=tuple(private)),
        attack=Choice(name="database-reconstruction"),
        victims=VICTIMS,
        seed=seed,
    )
