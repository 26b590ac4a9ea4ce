"""Run a report again from its JSON, and say where the scores differ from those it tells.

Equal scenarios on the same machine and number of threads give equal bytes; other machines add in another
order, and a few people near the edge are judged otherwise. So a share is reproduced within a tolerance.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from inversion_core.errors import ScenarioInvalid
from inversion_core.scenario import Scenario, sentences
from inversion_core.store.runs import RunRecord
from inversion_core.values import State

CASES, SHARE = 2, 0.05
TOLERANCE = (
    f"a share differs by at most {CASES} people or records, or {SHARE:.0%} of them, whichever is more; the "
    "weights attacked are the same bytes where they ship."
)


@dataclass(frozen=True)
class Told:
    """A run as a report tells it: its scenario, and the shares it found by name with their n."""

    scenario: Scenario
    key: str
    shares: Mapping[str, tuple[float, int]]


@dataclass(frozen=True)
class Difference:
    """One share beside the reported one; `now` None where the run did not end well."""

    key: str
    name: str
    told: float
    now: float | None
    n: int

    @property
    def reproduced(self) -> bool:
        """Whether it lies within the tolerance."""
        return self.now is not None and abs(self.now - self.told) <= max(CASES / self.n, SHARE) + 1e-9


def read_report(text: str) -> list[Told]:
    """Return the runs of a report's JSON; raises ScenarioInvalid with one sentence a problem."""
    try:
        runs = json.loads(text)["runs"]
        return [
            Told(
                Scenario.model_validate(one["scenario"]),
                str(one["key"]),
                {score["name"]: (float(score["value"]), int(score["n"])) for score in one["scores"]},
            )
            for one in runs
        ]
    except ValidationError as error:
        raise ScenarioInvalid(sentences(error, "report.runs")) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ScenarioInvalid(
            [
                "reproduce reads report.json as it lies beside a report, this file is none "
                f"({type(error).__name__}); give that file"
            ]
        ) from error


def changed_keys(told: Sequence[Told]) -> list[str]:
    """Return a sentence for each scenario that this version would run as another computation."""
    return [
        f"scenario {one.key[:16]}: data or code have changed since, so it is another computation now"
        for one in told
        if one.scenario.key() != one.key
    ]


def compare(told: Sequence[Told], runs: Mapping[str, RunRecord]) -> list[Difference]:
    """Return every reported share beside what the run of the same scenario found now."""
    return [one for run in told for one in _differences(run, runs.get(run.scenario.key()))]


def _differences(told: Told, run: RunRecord | None) -> Iterator[Difference]:
    result: dict[str, Any] = (run.result or {}) if run is not None and run.state is State.DONE else {}
    found = {score["name"]: float(score["value"]) for score in result.get("scores", [])}
    for name, (value, n) in told.shares.items():
        yield Difference(told.key, name, value, found.get(name), n)
