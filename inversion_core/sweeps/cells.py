"""Expand a sweep into cells: the scenarios of each, or the reason why it does not apply."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from inversion_core.choices import Choice, DatasetChoice, Exposure, TargetChoice
from inversion_core.compare.terms import Change
from inversion_core.defences.base import OutputDefence
from inversion_core.errors import ScenarioInvalid
from inversion_core.scenario import Scenario, mistakes, problems
from inversion_core.sweeps.cell import UNTOUCHED, Cell, effective, need_of, of_outputs
from inversion_core.sweeps.knowing import knowing, past_the_operator
from inversion_core.sweeps.spec import Base, Column, ExposurePatch, Row, Sweep
from inversion_core.values import Access


def expand(sweep: Sweep) -> tuple[Cell, ...]:
    """Return every cell of a sweep, row by row.

    A cell whose parts do not go together carries the reason and no scenario. Raises ScenarioInvalid for names
    that do not exist and wrong parameters, or where no cell at all can run.
    """
    cells = tuple(_listed(sweep.scenarios) if sweep.scenarios else _grid(sweep, sweep.base))
    if wrong := _mistakes(cells):
        raise ScenarioInvalid(wrong)
    checked = tuple(found for cell in cells for found in knowing(_checked(cell), cell.scenarios))
    if not any(cell.scenarios for cell in checked):
        raise ScenarioInvalid([f"no cell of this sweep can run; the first says: {checked[0].reason}"])
    return checked


def scenarios_of(cells: Sequence[Cell]) -> list[Scenario]:
    """Return the scenarios of all cells, first those of everybody's first seed: the matrix fills evenly."""
    most = max((len(cell.scenarios) for cell in cells), default=0)
    return [cell.scenarios[i] for i in range(most) for cell in cells if i < len(cell.scenarios)]


def served(sweep: Sweep, row: Row) -> Scenario:
    """Return a row as whoever uses its service honestly meets it: scores, or labels where it leaves no more,
    behind its defences; no budget and no monitor. The attack is none of theirs, and nothing is checked.
    """
    base = sweep.base
    assert base is not None, "only a grid has rows"
    return Scenario(
        dataset=_dataset(base.dataset, row),
        target=_target(base.target, row, sweep.seeds[0] if sweep.retrain else None),
        exposure=Exposure(
            access=_capped(Access.SCORES, row.exposure.access), defences=_of_service(base, row)
        ),
        attack=sweep.columns[0].attack,
        victims=base.victims,
        seed=sweep.seeds[0],
    )


def _grid(sweep: Sweep, base: Base | None) -> Iterator[Cell]:
    assert base is not None, "read_sweep asks for a base where there is no list"
    for row in sweep.rows:
        for column in sweep.columns:
            yield from past_the_operator(_cell(sweep, base, row, column), row)


def _cell(sweep: Sweep, base: Base, row: Row, column: Column) -> Cell:
    given: dict[str, Any] = {
        "row": row.title,
        "column": column.title,
        "attacker": column.attacker,
        "variant": column.variant,
        "changes": tuple(_changes(row)),
        "undefended": row == Row(title=row.title, group=row.group),
        "adapts": column.adapts,
    }
    if column.against is not None and row.title not in column.against:
        meant = ", ".join(column.against) or "no row"
        return Cell(**given, reason=f"this attacker is meant for {meant}")
    access = column.access or need_of(column.attack)
    defences = _of_service(base, row)
    past = access in OutputDefence.untouched  # all that a service does
    service = ExposurePatch() if past else row.exposure
    given_exposure = Exposure(
        access=_capped(access, service.access),
        query_budget=service.query_budget or column.query_budget or base.exposure.query_budget,
        defences=defences,
        knowledge=base.exposure.knowledge,
        monitor=service.monitor or (base.exposure.monitor and not past),
    )
    exposure = effective(given_exposure)
    untouched = exposure != given_exposure or service != row.exposure
    made = [
        Scenario(
            dataset=_dataset(base.dataset, row),
            target=_target(base.target, row, seed if sweep.retrain else None),
            exposure=exposure,
            attack=column.attack,
            victims=base.victims,
            seed=seed,
        )
        for seed in sweep.seeds
    ]
    note = UNTOUCHED if untouched else ""
    return Cell(**given, scenarios=tuple(made), untouched=untouched, note=note)


def _changes(row: Row) -> Iterator[Change]:
    if row.options:
        yield Change.DATASET
    if row.target.name is not None:
        yield Change.TARGET
    if row.exposure.query_budget is not None:
        yield Change.BUDGET
    if row.exposure.access is not None:
        yield Change.ACCESS


def _of_service(base: Base, row: Row) -> tuple[Choice, ...]:
    return (*base.exposure.defences, *(one for one in row.defences if of_outputs(one)))


def _capped(access: Access, cap: Access | None) -> Access:
    """Return what of `access` a service leaves that gives no more than `cap`."""
    return cap if cap and access is not Access.WHITE_BOX and access.covers(cap) else access


def _dataset(base: DatasetChoice, row: Row) -> DatasetChoice:
    return base.model_copy(update={"options": base.options | row.options})


def _target(base: TargetChoice, row: Row, seed: int | None) -> TargetChoice:
    kept = base.params if row.target.name in (None, base.name) else {}
    trained = tuple(one for one in row.defences if not of_outputs(one))
    return TargetChoice(
        name=row.target.name or base.name,
        params=kept | row.target.params | ({} if seed is None else {"seed": seed}),
        defences=(*base.defences, *trained),
    )


def _listed(scenarios: Sequence[Scenario]) -> Iterator[Cell]:
    """Gather scenarios that differ in the seed only; their titles say what they are made of."""
    groups: dict[str, dict[int, Scenario]] = {}
    for one in scenarios:
        alike = one.model_copy(update={"seed": 0}).model_dump_json()
        groups.setdefault(alike, {})[one.seed] = one
    taken: Counter[tuple[str, str]] = Counter()
    for seeds in groups.values():
        first, *_ = seeds.values()
        row, column = _row_title(first), f"{_told(first.attack)}, {first.exposure.access}"
        taken[row, column] += 1
        if (count := taken[row, column]) > 1:
            row = f"{row} ({count})"
        yield Cell(row=row, column=column, scenarios=tuple(seeds.values()))


def _row_title(scenario: Scenario) -> str:
    parts = [_told(scenario.target)]
    parts += [_told(one) for one in (*scenario.target.defences, *scenario.exposure.defences)]
    parts += [f"budget {budget:,}"] if (budget := scenario.exposure.query_budget) else []
    return ", ".join([*parts, _told(Choice(name=scenario.dataset.name, params=scenario.dataset.options))])


def _told(choice: Choice) -> str:
    """Return a component with its parameters in words."""
    params = ", ".join(f"{name} {value}" for name, value in choice.params.items())
    return f"{choice.name} ({params})" if params else choice.name


def _mistakes(cells: Sequence[Cell]) -> list[str]:
    """Return what is wrong with names and parameters, once each, with the first cell that says so."""
    found: dict[str, str] = {}
    for cell in cells:
        for scenario in cell.scenarios[:1]:
            for told in mistakes(scenario):
                found.setdefault(told, f"{told} (row {cell.row!r}, column {cell.column!r})")
    return list(found.values())


def _checked(cell: Cell) -> Cell:
    """Return the cell, without its scenarios and with the reason where they cannot run."""
    if not cell.scenarios or not (found := problems(cell.scenarios[0])):
        return cell
    first = cell.scenarios[0]
    needed = first.exposure.model_copy(update={"access": need_of(first.attack)})
    shut_out = Change.ACCESS in cell.changes and not problems(first.model_copy(update={"exposure": needed}))
    return replace(cell, scenarios=(), reason="; ".join(found), shut_out=shut_out, untouched=False, note="")
