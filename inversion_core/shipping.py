"""Make everything that ships from nothing: priors, judges, targets, evidence.

    python -m inversion_core.shipping [prior] [evaluator] [reader] [targets] [evidence] [tables] [compare]
                                      [docs] [review] [report] [NAME OF A SWEEP] [NAME OF AN EXHIBIT]

Hours on two cores, minutes for a part; nothing that ships is made in any other way.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import torch

from inversion_core import exhibits, pictures
from inversion_core.choices import Choice, DatasetChoice, Exposure, TargetChoice
from inversion_core.datasets import portrait
from inversion_core.datasets.people import People, public_identities
from inversion_core.errors import InversionError
from inversion_core.execute import execute
from inversion_core.metrics import evaluator
from inversion_core.metrics.victims import median, ordered
from inversion_core.priors.base import FOLDER
from inversion_core.priors.train import train_prior
from inversion_core.reports.bundle import write
from inversion_core.reports.content import Layout
from inversion_core.reports.dossier import collect
from inversion_core.risk import shipped as example
from inversion_core.risk.assessment import read_assessment
from inversion_core.risk.policy import DEFAULT
from inversion_core.scenario import Scenario
from inversion_core.settings import ASSETS, ROOT, settings
from inversion_core.store import shipped
from inversion_core.store.runs import RunRecord, RunStore
from inversion_core.summary import as_json
from inversion_core.sweeps import terminal
from inversion_core.sweeps.bundle import write_bundle
from inversion_core.sweeps.cells import expand
from inversion_core.sweeps.document import document
from inversion_core.sweeps.spec import Sweep, read_sweep
from inversion_core.targets import catalogue, weights
from inversion_core.values import Access, Progress, State

PUBLIC_PEOPLE, PUBLIC_PHOTOS, PUBLIC_SEED = 4000, 6, 5_001
"""The strangers the shipped prior is learnt from: none of them is private, none taught the attribute reader.
"""

STRANGERS, STRANGERS_SEED = 10, 5_002
"""The people of the line-ups who were in no training set."""
SHIPPED_EVIDENCE = ASSETS / "evidence"
SWEEPS = ASSETS / "sweeps"
DOCUMENT = ROOT / "docs" / "defences.md"
REPORT = ROOT / "docs" / "example-report"


def _people(target: str, *defences: Choice) -> Scenario:
    """Return the shipped scenario against a target of `people` trained with these defences."""
    chosen = TargetChoice(name=target, defences=defences)
    return Scenario(target=chosen, attack=Choice(name="plug-and-play"))


NEGATIVE = Choice(name="label-smoothing", params={"alpha": -0.05})
PRIVATE = Choice(name="dp-sgd", params={"epsilon": 8})
EVIDENCE = {
    "undefended": _people("cnn"),
    "label-smoothing": _people("cnn", NEGATIVE),
    "dp-sgd": _people("cnn-gn", PRIVATE),
}
TABLE_EVIDENCE = {
    "attributes-clinic": Scenario(
        dataset=DatasetChoice(name="clinic"),
        target=TargetChoice(name="mlp"),
        exposure=Exposure(access=Access.SCORES),
        attack=Choice(name="csmia"),
    ),
}
"""What the Attributes page shows before anybody has run anything."""


def _compared() -> Iterator[Scenario]:
    """Yield a scenario for each target of the stored comparisons of people."""
    for path in sorted(SWEEPS.glob("people-*.json")):
        for cell in expand(read_sweep(path.read_text())):
            yield from cell.scenarios[:1]


def shipped_targets() -> dict[str, Scenario]:
    """Return content key -> a scenario with that target, for every target that ships."""
    wanted = (*EVIDENCE.values(), _people("softmax"), *_compared())
    return {
        catalogue.target_key(one.make_dataset(), one.make_target(), one.training_defences()): one
        for one in wanted
    }


T = TypeVar("T")


def build_prior() -> None:
    """Train the prior of `people` from public people."""
    photos = People().public(PUBLIC_PEOPLE, PUBLIC_PHOTOS, PUBLIC_SEED)
    origin = f"{PUBLIC_PEOPLE} public synthetic people, {PUBLIC_PHOTOS} photos each, none of them private"
    prior, state = _watch("prior", train_prior(photos, "people", origin))
    weights.write(FOLDER / "people.safetensors", state, prior.card.model_dump(mode="json"))


def build_evaluator() -> None:
    """Train the independent evaluator of `people`."""
    _watch("evaluator", evaluator.obtain_evaluator(People(), into=evaluator.SHIPPED))


def build_reader() -> None:
    """Train the attribute reader of `people`."""
    _watch("reader", evaluator.obtain_reader(People(), into=evaluator.SHIPPED))


def build_targets() -> None:
    """Train every shipped target of `people`."""
    for scenario in shipped_targets().values():
        name = " ".join([scenario.target.name, *(one.name for one in scenario.target.defences)])
        target, defences = scenario.make_target(), scenario.training_defences()
        _watch(name, catalogue.obtain(scenario.make_dataset(), target, defences, into=catalogue.SHIPPED))


def build_evidence() -> None:
    """Run what Start shows: one stored run a position of the defence dial."""
    _run_and_keep(EVIDENCE)
    _cast()


def build_table_evidence() -> None:
    """Run what the Attributes page shows first."""
    _run_and_keep(TABLE_EVIDENCE)


def build_comparisons() -> None:
    """Run every sweep of `assets/sweeps` and keep what the Compare page shows."""
    for name in _sweeps():
        _compare(name)
    build_document()


def build_comparison(name: str) -> None:
    """Run one sweep and keep what the Compare page shows of it."""
    _compare(name)
    build_document()


def _sweeps() -> list[str]:
    return sorted(path.stem for path in SWEEPS.glob("*.json"))


def _compare(name: str) -> None:
    """Run a sweep in a store of the cache folder, where a build that was interrupted goes on.

    One of a file that is not on this machine is left out; what is stored of it stays.
    """
    folder = settings().cache / "sweeps"
    folder.mkdir(parents=True, exist_ok=True)
    sweep = read_sweep((SWEEPS / f"{name}.json").read_text())
    data = sweep.base.dataset.path if sweep.base else None
    if data is not None and not Path(data).exists():
        print(f"{name} stays as it is: its data, {data}, is not here", file=sys.stderr)
        return
    store = RunStore(f"sqlite:///{folder}/{name}.sqlite", str(folder / name))
    summary = terminal.carry(sweep, store)
    if summary["state"] != State.DONE.value:
        raise InversionError(f"sweep {name!r} ended {summary['state']}; see the cells: {summary['runs']}")
    write_bundle(sweep, store, SHIPPED_EVIDENCE / "compare" / name)
    store.close()


def build_document() -> None:
    """Write what the stored comparisons say of each defence into the docs."""
    DOCUMENT.write_text(document(SHIPPED_EVIDENCE / "compare"))


def build_review() -> None:
    """Run the example assessment, keep its runs, and write its report into the docs."""
    whole = read_assessment(example.ASSESSMENT.read_text())
    store = _carried("review", whole.scenarios)
    example.keep(whole, store)
    store.close()
    build_report()


def build_exhibit(name: str) -> None:
    """Run what an exhibit shows before anybody has run anything."""
    wanted = exhibits.scenarios(name)
    store = _carried(name, wanted)
    shipped.keep(wanted, store, exhibits.FOLDER / name)
    store.close()


def _carried(name: str, scenarios: tuple[Scenario, ...]) -> RunStore:
    """Run some scenarios in a store of the cache folder, where a build that was interrupted goes on."""
    folder = settings().cache / name
    folder.mkdir(parents=True, exist_ok=True)
    store = RunStore(f"sqlite:///{folder}/runs.sqlite", str(folder / "artifacts"))
    summary = terminal.carry(Sweep(name=name, scenarios=scenarios), store)
    if summary["state"] != State.DONE.value:
        raise InversionError(f"the runs of {name!r} ended {summary['state']}: {summary['runs']}")
    return store


def build_report() -> None:
    """Write the report of the example from the runs that ship; made when the last of them ended."""
    whole, runs = example.example()
    found = runs.runs_of_keys(one.key() for one in whole.scenarios)
    last = max(run.finished or 0.0 for run in found.values())
    made = datetime.fromtimestamp(last, UTC).isoformat(timespec="seconds")
    REPORT.mkdir(parents=True, exist_ok=True)
    write(collect(whole, runs, DEFAULT, made=made), Layout.EDPB, REPORT)


def _run_and_keep(scenarios: Mapping[str, Scenario]) -> None:
    for name, scenario in scenarios.items():
        with tempfile.TemporaryDirectory() as folder:
            store = RunStore(f"sqlite:///{folder}/runs.sqlite", f"{folder}/artifacts")
            run_id, _ = store.create(scenario, "shipping")
            record = execute(run_id, store)
            if record.state is not State.DONE:
                raise InversionError(f"evidence {name!r} ended {record.state}: {record.error}")
            _write_bundle(record, store, SHIPPED_EVIDENCE / name)
            store.close()


def _write_bundle(record: RunRecord, store: RunStore, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    result = {"scenario": record.scenario.model_dump(mode="json")} | (record.result or {})
    (folder / "result.json").write_text(as_json(result, indent=1) + "\n")
    (folder / "scenario.json").write_text(record.scenario.model_dump_json(exclude_defaults=True) + "\n")
    for one in store.artifacts(record.id):
        (folder / one.name).write_bytes(store.artifact(one.sha256))


def _cast() -> None:
    """Choose whom Start shows: the median person, two of the better half, and ten strangers."""
    rows = json.loads((SHIPPED_EVIDENCE / "undefended" / "result.json").read_text())["victims"]
    ranked = ordered(rows)
    places = [rows.index(row) for row in (median(rows), ranked[10], ranked[30])]
    chosen = {"person": places[0], "lineups": places[1:]}
    (SHIPPED_EVIDENCE / "start.json").write_text(json.dumps(chosen) + "\n")
    strangers = public_identities(STRANGERS, STRANGERS_SEED)
    photos = portrait.render(strangers, portrait.NEUTRAL_VIEW.expand(STRANGERS, -1))
    (SHIPPED_EVIDENCE / "bystanders.png").write_bytes(pictures.png(pictures.sheet(photos)))


PARTS: dict[str, Callable[[], None]] = {
    "prior": build_prior,
    "evaluator": build_evaluator,
    "reader": build_reader,
    "targets": build_targets,
    "evidence": build_evidence,
    "tables": build_table_evidence,
    "compare": build_comparisons,
    "docs": build_document,
    "review": build_review,
    "report": build_report,
    **{name: partial(build_comparison, name) for name in _sweeps()},
    **{name: partial(build_exhibit, name) for name in exhibits.names()},
}
EVERYTHING = [name for name in PARTS if name not in _sweeps()]
"""What no name builds: each sweep once, by `compare`."""


def _watch(name: str, steps: Generator[Progress, None, T]) -> T:
    """Exhaust a generator, telling its progress on stderr and its pictures in the cache folder."""
    told = 0.0
    began = time.monotonic()
    while True:
        try:
            progress = next(steps)
        except StopIteration as stop:
            value: T = stop.value
            return value
        if time.monotonic() - told > 10:
            told = time.monotonic()
            line = (
                f"{name}: step {progress.step} of {progress.total}, {progress.loss:.4f}, {told - began:.0f} s"
            )
            print(line, file=sys.stderr, flush=True)
            if progress.best is not None:
                preview = pictures.png(pictures.sheet(pictures.to_bytes(progress.best)), 2)
                (settings().cache / f"preview-{name}.png").write_bytes(preview)


def main(parts: list[str]) -> int:
    """Build the named parts, all of them by default."""
    torch.set_num_threads(settings().threads)
    settings().cache.mkdir(parents=True, exist_ok=True)
    try:
        for part in parts or EVERYTHING:
            PARTS[part]()
    except (InversionError, KeyError) as error:
        print(f"parts are {', '.join(PARTS)}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
