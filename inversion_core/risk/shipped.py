"""The example assessment that ships with the product, and the runs it rests on."""

from functools import lru_cache
from typing import Any

from inversion_core.errors import StoreUnavailable
from inversion_core.risk.assessment import Assessment
from inversion_core.settings import ASSETS
from inversion_core.store import shipped
from inversion_core.store.runs import RunStore
from inversion_core.store.shipped import ShippedRuns

ASSESSMENT = ASSETS / "assessments" / "people.json"
FOLDER = ASSETS / "evidence" / "review"
OF_VICTIM = ("class", "name", "evaluator_rank", "evaluator_probability")


@lru_cache(maxsize=1)
def example() -> tuple[Assessment, ShippedRuns]:
    """Return the example assessment with its runs, read once; raises StoreUnavailable."""
    try:
        return Assessment.model_validate_json(ASSESSMENT.read_text()), ShippedRuns(FOLDER)
    except OSError as error:
        raise StoreUnavailable(
            f"the example is read from {ASSESSMENT.name}, which is missing; restore it from the repository"
        ) from error


def keep(assessment: Assessment, store: RunStore) -> None:
    """Write the finished runs of the example to its folder, with the pictures of each attack's first seed."""
    shipped.keep(assessment.scenarios, store, FOLDER, _slim)


def _slim(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result without what no review reads: traits of each victim, named values beside scores."""
    victims = [{name: one[name] for name in OF_VICTIM} for one in result["victims"]]
    scores = [one | {"rulers": {}} for one in result["scores"]]
    return {**result, "victims": victims, "scores": scores}
