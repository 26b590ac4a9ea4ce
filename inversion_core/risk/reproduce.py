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

CASES, SHARE, MOST = 2, 0.05, 0.25
TOLERANCE = (
    f"a share differs by at most {CASES} people or records, or {SHARE:.0%} of them, whichever is more, and "
    f"never by more than {MOST:.0%}; weights that ship are the same bytes, others are told where they differ."
)


@dataclass(frozen=True)
class Told:
    """A run as a report tells it: its scenario, the weights it attacked, and the shares it found by name with
    their n.
    """

    scenario: Scenario
    key: str
    weights: str
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
        allowed = min(max(CASES / self.n, SHARE), MOST)
        return self.now is not None and abs(self.now - self.told) <= allowed + 1e-9


def read_report(text: str, path: str | None = None) -> list[Told]:
    """Return the runs of a report's JSON; `path`: where the data lie, for kinds that are read from a path.

    Raises ScenarioInvalid with one sentence a problem, and where there is nothing to compare.
    """
    try:
        found = [
            Told(
                _located(Scenario.model_validate(one["scenario"]), path),
                str(one["key"]),
                str(one.get("target_sha256", "")),
                {score["name"]: (float(score["value"]), int(score["n"])) for score in one["scores"]},
            )
            for one in json.loads(text)["runs"]
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

    empty = [one for one in found if not one.shares or any(n < 1 for _, n in one.shares.values())]
    if empty or not found:
        raise ScenarioInvalid(
            [
                "reproduce compares shares of people or records, "
                + (f"scenario {empty[0].key[:16]!r} tells none" if empty else "this report has no runs")
                + "; give the report of runs that ended"
            ]
        )
    return found


def _located(scenario: Scenario, path: str | None) -> Scenario:
    if path is None or scenario.dataset.path is None:
        return scenario
    return scenario.model_copy(update={"dataset": scenario.dataset.model_copy(update={"path": path})})


def changed_keys(told: Sequence[Told]) -> list[str]:
    """Return a sentence for each scenario that this version would run as another computation."""
    return [
        f"scenario {one.key[:16]}: code, data or where they lie have changed since, so it is another "
        "computation now"
        for one in told
        if one.scenario.key() != one.key
    ]


def other_weights(told: Sequence[Told], runs: Mapping[str, RunRecord]) -> list[str]:
    """Return a sentence for each run that attacked other weights than the report tells."""
    found = []
    for one in told:
        run = runs.get(one.scenario.key())
        target = (run.result or {}).get("target", {}) if run is not None else {}
        now = str(target.get("sha256") or target.get("key") or "")
        if one.weights and now and now != one.weights:
            found.append(
                f"scenario {one.key[:16]}: the weights attacked were {one.weights[:16]}, now {now[:16]}; the "
                "target was trained anew, and its shares are those of another model"
            )
    return found


def compare(told: Sequence[Told], runs: Mapping[str, RunRecord]) -> list[Difference]:
    """Return every reported share beside what the run of the same scenario found now."""
    return [one for run in told for one in _differences(run, runs.get(run.scenario.key()))]


def _differences(told: Told, run: RunRecord | None) -> Iterator[Difference]:
    result: dict[str, Any] = (run.result or {}) if run is not None and run.state is State.DONE else {}
    found = {score["name"]: float(score["value"]) for score in result.get("scores", [])}
    for name, (value, n) in told.shares.items():
        yield Difference(told.key, name, value, found.get(name), n)
