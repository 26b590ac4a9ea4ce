"""The commands of a review: gate, report, reproduce, export. Heavy imports are left to the command that needs
them.
"""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inversion_core.border import DONE, FAILED, INVALID, Store, border, opened
from inversion_core.errors import ScenarioInvalid
from inversion_core.files import read_text, require_writable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inversion_core.risk.assessment import Assessment
    from inversion_core.risk.gate import Gate
    from inversion_core.risk.policy import Policy
    from inversion_core.scenario import Scenario
    from inversion_core.store.runs import RunRecord

AssessmentFile = Annotated[Path, typer.Argument(help="Assessment as a JSON file.", show_default=False)]
PolicyFile = Annotated[
    Path | None,
    typer.Option(help="Policy as a JSON file; the one in force in the store without.", show_default=False),
]
StoredOnly = Annotated[
    bool, typer.Option("--stored-only", help="Run nothing: judge by what the store holds.")
]
Out = Annotated[Path, typer.Option(help="Folder to write to.", show_default=False)]
EXPECTED = 1
"""Exit code of a gate that failed, and of a report that was not reproduced."""


def add(app: typer.Typer) -> None:
    """Add the commands of a review to the command line."""
    for command in (gate, report, reproduce, export):
        app.command()(command)


def gate(
    assessment: AssessmentFile,
    policy: PolicyFile = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for gate.json and junit.xml.", show_default=False)
    ] = None,
    stored_only: StoredOnly = False,
    store: Store = "",
) -> None:
    """Judge an assessment by the thresholds of a policy; runs what has no result yet.

    Exit codes: 0 within every threshold, 1 a threshold is passed, 2 not assessable or the file has problems.
    """
    with border(INVALID):
        whole, rules, approved = _read(assessment, policy, store)
        if out is not None:
            require_writable(out)
        from inversion_core.risk import gate as gates
        from inversion_core.summary import as_json
    with border(FAILED):
        began = time.monotonic()
        found = gates.gate(whole, _runs(whole.scenarios, whole.name, store, stored_only), rules)
        for one in found.conditions:
            typer.echo(f"{one.outcome:>14}  {one.name}: {one.told}", err=True)
        for row in found.unrated:
            typer.echo(f"{'not rated':>14}  {row.title}: {row.why}. {row.verdict}", err=True)
        told = found.summary() | {"approved_by": approved}
        if out is not None:
            (out / "gate.json").write_text(as_json(told, indent=2) + "\n")
            (out / "junit.xml").write_bytes(_as_junit(found, time.monotonic() - began))
        print(as_json(told), flush=True)
    raise typer.Exit(int(found.exit))


def report(
    assessment: AssessmentFile,
    out: Out,
    policy: PolicyFile = None,
    layout: Annotated[str, typer.Option(help="edpb, ico or cnil: whose form the sections follow.")] = "edpb",
    stored_only: StoredOnly = False,
    store: Store = "",
) -> None:
    """Write the report of an assessment as HTML, PDF, JSON and CSV; runs what has no result yet."""
    with border(INVALID):
        whole, rules, approved = _read(assessment, policy, store)
        require_writable(out)
        from inversion_core.reports.bundle import write
        from inversion_core.reports.content import Layout
        from inversion_core.reports.dossier import collect, now

        if layout not in list(Layout):
            raise ScenarioInvalid([f"layouts are {', '.join(Layout)}, {layout!r} is none; use one of these"])
    with border(FAILED):
        stored = opened(store)
        _runs(whole.scenarios, whole.name, store, stored_only)
        dossier = collect(whole, stored, rules, made=now(), approved=approved)
        written = write(dossier, Layout(layout), out)
        print(json.dumps({"assessment": whole.name, "files": written}), flush=True)


def reproduce(
    report: Annotated[
        Path, typer.Argument(help="report.json as it lies beside a report.", show_default=False)
    ],
    out: Out,
    data: Annotated[
        str | None,
        typer.Option(help="Where the data lie here: a report names a folder or file without its path."),
    ] = None,
) -> None:
    """Run every scenario of a report anew, in a store of its own, and compare the shares and the weights.

    Exit codes: 0 all reproduced, 1 some were not, 2 the file has problems.
    """
    with border(INVALID):
        from inversion_core.reports.text import line
        from inversion_core.risk import reproduce as again
        from inversion_core.summary import as_json

        told = again.read_report(read_text(report, "report"), data)
        for sentence in again.changed_keys(told):
            typer.echo(line(sentence), err=True)
        require_writable(out)
    with border(FAILED):
        url = f"sqlite:///{out.resolve() / 'runs.sqlite'}"
        runs = _runs([one.scenario for one in told], report.stem, url, False)
        found, others = again.compare(told, runs), again.other_weights(told, runs)
        for sentence in others:
            typer.echo(line(sentence), err=True)
        rows = [vars(one) | {"reproduced": one.reproduced} for one in found]
        for one in found:
            word = "reproduced" if one.reproduced else "DIFFERENT"
            told_ = f"{word:>10}  {one.key[:16]} {one.name}: {one.told} then, {one.now} now"
            typer.echo(line(told_), err=True)
        (out / "reproduced.json").write_text(as_json({"scores": rows}, indent=2) + "\n")
        counts = {"of": len(found), "reproduced": sum(one.reproduced for one in found)}
        print(as_json(counts | {"other_weights": len(others)}), flush=True)
    raise typer.Exit(DONE if all(one.reproduced for one in found) else EXPECTED)


def export(
    assessment: AssessmentFile,
    mlflow: Annotated[str, typer.Option(help="Tracking URI, a folder or a server.", show_default=False)],
    policy: PolicyFile = None,
    store: Store = "",
) -> None:
    """Write an assessment to MLflow tracking: one run an attack, and one for the rating."""
    with border(INVALID):
        whole, rules, approved = _read(assessment, policy, store)
        from inversion_core.reports.dossier import collect, now
        from inversion_core.reports.mlflow_export import to_mlflow
    with border(FAILED):
        dossier = collect(whole, opened(store), rules, made=now(), approved=approved)
        count = to_mlflow(dossier, mlflow)
        print(json.dumps({"assessment": whole.name, "runs": count}), flush=True)


def _read(assessment: Path, policy: Path | None, store: str) -> "tuple[Assessment, Policy, str]":
    """Return an assessment, the policy it is rated by, and who approved that in the store, "" for nobody."""
    texts = read_text(assessment, "assessment"), None if policy is None else read_text(policy, "policy")
    from inversion_core.reports.text import line
    from inversion_core.risk.assessment import read_assessment
    from inversion_core.risk.in_force import in_force
    from inversion_core.risk.policy import read_policy

    whole = read_assessment(texts[0])
    given = texts[1]
    rules, approved = in_force(opened(store), whole.policy) if given is None else (read_policy(given), "")
    who = f"approved by {approved}" if approved else "which nobody has approved"
    typer.echo(line(f"policy {rules.title!r} version {rules.version}, {who}"), err=True)
    return whole, rules, approved


def _as_junit(found: "Gate", seconds: float) -> bytes:
    """Return the conditions as tests of a suite; what cannot be assessed is an error, not a failure, and runs
    that are not rated are skipped ones.
    """
    from inversion_core.reports import junit
    from inversion_core.risk.gate import Outcome

    words: dict[Outcome, junit.Outcome] = {
        Outcome.PASSED: "pass",
        Outcome.FAILED: "fail",
        Outcome.UNKNOWN: "error",
    }
    suite = f"inversion gate: {found.assessment.name}"
    each = seconds / max(1, len(found.conditions))
    cases = [junit.Case(one.name, suite, words[one.outcome], one.told, each) for one in found.conditions]
    cases += [
        junit.Case(
            f"not rated: {row.title}, {row.role}, {row.scenario.key()[:8]}", suite, "skipped",
            f"{row.why}; {row.verdict}", output="\n".join(row.run_ids),
        )
        for row in found.unrated
    ]  # fmt: skip
    return junit.junit(suite, cases)


def _runs(
    scenarios: "Iterable[Scenario]", name: str, url: str, stored_only: bool
) -> "Mapping[str, RunRecord]":
    """Return the runs of scenarios by their keys, after running those that have no result."""
    from inversion_core.sweeps import terminal
    from inversion_core.sweeps.spec import Sweep
    from inversion_core.values import State

    wanted, store = {one.key(): one for one in scenarios}, opened(url)
    found = store.runs_of_keys(wanted)
    lacking = [one for key, one in wanted.items() if key not in found or found[key].state is not State.DONE]
    if lacking and not stored_only:
        terminal.carry(Sweep(name=name, scenarios=tuple(lacking)), store)
        found = store.runs_of_keys(wanted)
    return found
