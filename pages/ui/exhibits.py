"""Which exhibits there are: a module `exhibit_NAME` of this package for each of `inversion_core.exhibits`."""

import importlib
from functools import lru_cache

from inversion_core import exhibits
from inversion_core.metrics.verdict import verdict
from inversion_core.scenario import Scenario
from inversion_core.values import Family
from pages.ui import library, scores, words
from pages.ui.exhibit import Exhibit, ShownRun
from pages.ui.outcome import side


@lru_cache(maxsize=1)
def every() -> dict[str, Exhibit]:
    """Return name -> exhibit, in the order in which the families are told; what has a page already, last."""
    found = [importlib.import_module(f"pages.ui.exhibit_{name}").EXHIBIT for name in exhibits.names()]
    order = list(Family)
    found.sort(key=lambda one: (one.family in library.PAGES, order.index(one.family), one.name))
    return {one.name: one for one in found}


def of(scenario: Scenario) -> Exhibit | None:
    """Return the exhibit that shows a run of a scenario, None where a page of its own does."""
    family = library.family(scenario)
    if family in library.PAGES:
        return None
    return next((one for one in every().values() if one.family is family), None)


def finished(run: ShownRun, one: Exhibit, *, key: str) -> None:
    """Draw the verdict of a finished run, its numbers beside each other, and the exhibit's own picture."""
    told = verdict(run.result)
    words.verdict(told.sentence, side=side(told.finding))
    scores.meter(run.result)
    scores.not_shown(told.not_shown, key=f"{key}-limits")
    one.finished(run)
