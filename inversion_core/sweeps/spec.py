"""SWEEP.json: rows are defences, columns are attacks, every cell runs with every seed; or a plain list.

{"name": "people", "seeds": [0, 1, 2],
 "base": {"target": {"name": "cnn"}, "victims": [0, 1, 2]},
 "rows": [{"title": "no defence"},
          {"title": "one decimal", "defences": [{"name": "rounding", "params": {"decimals": 1}}]},
          {"title": "labels only", "exposure": {"access": "labels"}}],
 "columns": [{"title": "evolution", "attack": {"name": "nes-latent"}},
             {"title": "evolution", "attacker": "adaptive", "attack": {"name": "brep-mi"},
              "against": ["labels only"]}]}

{"name": "mine", "scenarios": [{"target": ..., "attack": ..., "seed": 0}, ...]}
"""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field, ValidationError

from inversion_core.choices import Choice, DatasetChoice, Exposure, Frozen, TargetChoice
from inversion_core.errors import ScenarioInvalid
from inversion_core.scenario import Scenario, sentences
from inversion_core.values import Access

MOST_RUNS = 5000


class Base(Frozen):
    """What all cells share unless their row or column says otherwise."""

    dataset: DatasetChoice = DatasetChoice(name="people")
    target: TargetChoice
    exposure: Exposure = Exposure()
    victims: Literal["all"] | tuple[int, ...] = "all"


class TargetPatch(Frozen):
    """Another architecture (the base's parameters are then left behind), or other parameters."""

    name: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)


class ExposurePatch(Frozen):
    """What the operator adds. `access` caps what columns reach through the service, `monitor` blocks a key at
    its first alarm; an attacker who holds the weights or a store is past both, and past a query budget. With
    `pseudonyms` classes bear no names: who is after one person does not know which class that is.
    """

    access: Access | None = None
    query_budget: int | None = Field(None, ge=1)
    monitor: bool = False
    pseudonyms: bool = False


class Row(Frozen):
    """A defence: defences of the training and of the outputs in one list, or what else of the base changes.

    `options` of the dataset; `group` is a word under which a page may gather rows.
    """

    title: str = Field(min_length=1, max_length=80)
    group: str = ""
    defences: tuple[Choice, ...] = ()
    target: TargetPatch = TargetPatch()
    exposure: ExposurePatch = ExposurePatch()
    options: dict[str, Any] = Field(default_factory=dict)


class Column(Frozen):
    """An attack. Naive and adaptive attackers of the same title are held against each other.

    `access`: what the attack needs, unless given; `against`: titles of the rows it is meant for, all unless
    given; `variant` tells adaptive attackers of one title apart. A naive column that `adapts` also runs, in
    each row, what `inversion_core.adaptive` says of an attacker who knows the row's defences.
    """

    title: str = Field(min_length=1, max_length=80)
    attack: Choice
    access: Access | None = None
    attacker: Literal["naive", "adaptive"] = "naive"
    variant: str = Field("", max_length=80)
    query_budget: int | None = Field(None, ge=1)
    against: tuple[str, ...] | None = None
    adapts: bool = False


class Sweep(Frozen):
    """Either `base`, `rows` and `columns`, run with all `seeds`; or `scenarios`, each with its own seed.

    A seed is that of the attack; with `retrain` each seed also trains a target of its own, so that intervals
    speak of trainings too.
    """

    name: str = Field(min_length=1, max_length=128)
    base: Base | None = None
    rows: tuple[Row, ...] = ()
    columns: tuple[Column, ...] = ()
    seeds: tuple[int, ...] = (0, 1, 2)
    retrain: bool = False
    scenarios: tuple[Scenario, ...] = ()


def read_sweep(text: str) -> Sweep:
    """Parse SWEEP.json; raises ScenarioInvalid with one sentence a problem of form.

    Names, parameters and combinations are looked at when it is expanded.
    """
    try:
        sweep = Sweep.model_validate_json(text)
    except ValidationError as error:
        raise ScenarioInvalid(sentences(error, "sweep")) from error
    if found := list(_problems(sweep)):
        raise ScenarioInvalid(found)
    return sweep


def canonical(sweep: Sweep) -> str:
    """Return the JSON a sweep is stored and known by."""
    return json.dumps(sweep.model_dump(mode="json", exclude_defaults=True), sort_keys=True)


def _problems(sweep: Sweep) -> Iterator[str]:
    grid = sweep.base is not None or sweep.rows or sweep.columns
    if sweep.scenarios and grid:
        yield "a sweep has either scenarios, or base, rows and columns, both were given; remove one"
        return
    if not sweep.scenarios and not (sweep.base and sweep.rows and sweep.columns):
        yield "a sweep needs base, rows and columns, or a list of scenarios; something of it is missing"
        return
    yield from _problems_of_seeds(sweep.seeds)
    yield from _problems_of_titles(sweep)
    count = len(sweep.scenarios) + len(sweep.rows) * len(sweep.columns) * len(sweep.seeds)
    if count > MOST_RUNS:
        yield f"a sweep has at most {MOST_RUNS:,} runs, this one has {count:,}; split it"


def _problems_of_seeds(seeds: tuple[int, ...]) -> Iterator[str]:
    if not seeds:
        yield "sweep.seeds is empty; name at least one"
    if wrong := [seed for seed in seeds if not 0 <= seed < 2**63]:
        yield f"sweep.seeds are whole numbers from 0, {wrong[0]} was given; correct it"
    if len(set(seeds)) < len(seeds):
        yield "sweep.seeds names a seed twice; name each once"


def _problems_of_titles(sweep: Sweep) -> Iterator[str]:
    titles = Counter(row.title for row in sweep.rows)
    for title in (title for title, count in titles.items() if count > 1):
        yield f"sweep.rows: {title!r} is the title of two rows; tell them apart"
    columns = Counter((one.title, one.attacker, one.variant) for one in sweep.columns)
    for title, attacker, variant in (name for name, count in columns.items() if count > 1):
        yield (
            f"sweep.columns: two {attacker} attackers are titled {title!r} with variant {variant!r}; "
            "tell them apart by variant or title"
        )
    for place, column in enumerate(sweep.columns):
        if unknown := [title for title in column.against or () if title not in titles]:
            yield (
                f"sweep.columns.{place}.against names rows by title, {unknown[0]!r} is none of them; "
                "correct it"
            )
    naive = Counter(column.title for column in sweep.columns if column.attacker == "naive")
    if doubled := [title for title, count in naive.items() if count > 1]:
        yield f"sweep.columns: {doubled[0]!r} has two naive attackers; give each a title of its own"
