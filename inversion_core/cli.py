"""The command line: what exists, run a scenario, train a target or a prior, serve one, look after it all.

Exit codes: 0 done, 2 the input has problems (one a line on stderr), 3 failed, 130 cancelled. Progress goes to
stderr; the last line of stdout is one JSON object. The heavy half of the package is imported by the command
that needs it, so that `--help` answers at once.
"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inversion_core import cli_audit, cli_review
from inversion_core.border import CANCELLED, DONE, FAILED, INVALID, AsJson, Store, border
from inversion_core.errors import DataUnusable, UnknownName
from inversion_core.files import read_text, require_writable

if TYPE_CHECKING:
    from inversion_core.scenario import Scenario

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Model inversion, end to end.",
)
keys = typer.Typer(no_args_is_help=True, help="Keys of the prediction service.")
app.add_typer(keys, name="key")
cli_review.add(app)
cli_audit.add(app)

ScenarioFile = Annotated[Path, typer.Argument(help="Scenario as a JSON file.", show_default=False)]


@app.command()
def names(
    kind: Annotated[
        str,
        typer.Argument(help="datasets, targets, attacks, defences, metrics or exposures; all by default."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List what exists, by the names a scenario uses."""
    with border(INVALID):
        from inversion_core.listing import KINDS, listing

        if kind and kind not in KINDS:
            raise UnknownName(f"kinds are {', '.join(KINDS)}, {kind!r} is none of them; use one of these")
        found = {one: listing(one) for one in ([kind] if kind else KINDS)}
        if as_json:
            print(json.dumps(found[kind] if kind else found))
            return
        for one, rows in found.items():
            typer.echo(one)
            width = max(len(row["name"]) for row in rows)
            for row in rows:
                typer.echo(f"  {row['name']:<{width}}  {row['title']}")


@app.command()
def run(
    scenario: ScenarioFile,
    out: Annotated[Path, typer.Option(help="Folder for result.json and the pictures.", show_default=False)],
    store: Annotated[
        str, typer.Option(help="SQLAlchemy URL of the run store; a file in --out by default.")
    ] = "",
) -> None:
    """Run a scenario to its end in this process and print its summary."""
    with border(INVALID):
        wanted = _read(scenario)
        require_writable(out)
        from inversion_core.console import carry
        from inversion_core.store.runs import open_store
        from inversion_core.summary import as_json, summary, write_folder

        opened = open_store(store or f"sqlite:///{out.resolve() / 'runs.sqlite'}")
        owner = f"command line {os.getpid()}"
        run_id, _ = opened.create(wanted, owner)
    with border(FAILED):
        record = carry(run_id, opened, owner)
        write_folder(record, opened, out)
        if record.error:
            typer.echo(record.error, err=True)
        print(as_json(summary(record, opened)), flush=True)
    raise typer.Exit(_exit_code(record.state.value))


@app.command()
def sweep(
    sweep: Annotated[Path, typer.Argument(help="Sweep as a JSON file.", show_default=False)],
    store: Store = "",
    workers: Annotated[int, typer.Option(min=0, max=64, help="Worker processes; 0 for the settings'.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Run every cell of a sweep that is not done yet, and print the matrix and its summary."""
    with border(INVALID):
        text = read_text(sweep, "sweep")
        from inversion_core.store.runs import open_store
        from inversion_core.summary import as_json as strict
        from inversion_core.sweeps import spec, terminal

        wanted = spec.read_sweep(text)
        expanded = terminal.check(wanted)
        opened = open_store(store or None)
    with border(FAILED):
        typer.echo(expanded, err=True)
        summary = terminal.carry(wanted, opened, workers or None)
        for line in [] if as_json else terminal.table(summary):
            typer.echo(line)
        print(strict(summary), flush=True)
    raise typer.Exit(_exit_code(summary["state"]))


@app.command()
def train(scenario: ScenarioFile) -> None:
    """Train the target of a scenario, or find it trained, and print its card."""
    with border(INVALID):
        wanted = _read(scenario)
        from inversion_core import execute
        from inversion_core.console import exhaust
    with border(FAILED):
        target = exhaust(execute.train(wanted))
        print(target.card.model_dump_json(), flush=True)


@app.command("train-prior")
def train_prior(
    source: Annotated[str, typer.Argument(help="Folder or zip file of public pictures.", show_default=False)],
    out: Annotated[Path, typer.Option(help="File to write, ending in .safetensors.", show_default=False)],
    size: Annotated[
        int, typer.Option(min=16, max=256, help="Height and width of the pictures, in pixels.")
    ] = 64,
    grayscale: Annotated[bool, typer.Option("--grayscale", help="Read the pictures in grey.")] = False,
    steps: Annotated[int, typer.Option(min=1, help="Training steps.")] = 6000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training.")] = 0,
) -> None:
    """Train an image prior an attacker may own, from pictures of other people."""
    with border(INVALID):
        if out.suffix != ".safetensors":
            raise DataUnusable(f"a prior is kept as .safetensors, --out is {str(out)!r}; give it that ending")
        require_writable(out.parent)
        import torch

        from inversion_core.console import exhaust
        from inversion_core.datasets.image_folder import read_pictures
        from inversion_core.priors import train as priors
        from inversion_core.targets import weights
        from inversion_core.values import Photos

        photos = read_pictures(source, size, grayscale)
        public = Photos(photos, torch.arange(len(photos)))
        origin = f"{len(photos)} pictures of {Path(source).resolve().name}"
        trained = priors.train_prior(public, out.stem, origin, priors.Recipe(steps=steps, seed=seed))
        prior, state = exhaust(trained)
    with border(FAILED):
        weights.write(out, state, prior.card.model_dump(mode="json"))
        print(prior.card.model_dump_json(), flush=True)


@app.command()
def serve(
    scenario: ScenarioFile,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen at; 0 takes a free one.")
    ] = 8600,
    store: Store = "",
    anonymous: Annotated[bool, typer.Option(help="Answer callers without a key, labels only.")] = True,
    block_on_alarm: Annotated[
        bool, typer.Option("--block-on-alarm", help="Block a key whose queries look like an attack.")
    ] = False,
    max_rows: Annotated[
        int, typer.Option(min=0, help="Rows a request may ask; 0: what the model computes at once.")
    ] = 0,
    max_mib: Annotated[int, typer.Option(min=1, max=1024, help="MiB a request's body may have.")] = 16,
) -> None:
    """Serve the target of a scenario over HTTP, behind its exposure's defences, until stopped.

    Keys come from `key add`; tiers: anonymous gets labels, authenticated the three highest scores rounded to
    two decimals, partner every score. The exposure's query_budget is that of keys without one of their own.
    """
    with border(INVALID):
        wanted = _read(scenario)
        from inversion_core.serving.run import serve as answer
        from inversion_core.serving.service import Limits
        from inversion_core.settings import settings

        limits = Limits(
            body_bytes=max_mib * 2**20,
            rows=max_rows or None,
            anonymous=anonymous,
            block_on_alarm=block_on_alarm,
        )
    with border(FAILED):
        answer(wanted, store or settings().store, host, port, limits)


@keys.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="Whose key it is, for people.", show_default=False)],
    tier: Annotated[str, typer.Option(help="authenticated or partner.")] = "authenticated",
    budget: Annotated[int, typer.Option(min=0, help="Rows it may ever ask; 0 for the service's own.")] = 0,
    rate: Annotated[int, typer.Option(min=0, help="Rows a minute; 0 for what its tier has.")] = 0,
    store: Store = "",
) -> None:
    """Make a key and print it, this once: only its hash is kept."""
    with border(INVALID):
        from inversion_core.serving.desk import add

        typer.echo(add(store, name, tier, budget or None, rate or None))


@keys.command("list")
def list_keys(as_json: AsJson = False, store: Store = "") -> None:
    """List the keys there are: id, tier, what is spent, and whether they are revoked or blocked."""
    with border(INVALID):
        from inversion_core.serving.desk import listed, told

        rows = listed(store)
        typer.echo(json.dumps(rows) if as_json else told(rows))


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(help="Id as `key list` shows it.", show_default=False)],
    store: Store = "",
) -> None:
    """Take a key back for good."""
    with border(INVALID):
        from inversion_core.serving.desk import revoke

        revoke(store, key_id)


@app.command()
def prepare() -> None:
    """Draw the photos of the shipped people once, so that the first run need not."""
    with border(FAILED):
        from inversion_core.datasets.people import People

        people = People()
        typer.echo(f"{len(people.train()) + len(people.held_out()):,} photos of synthetic people", err=True)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check this installation and say how to mend what is wrong."""
    with border(FAILED):
        from dataclasses import asdict

        from inversion_core.doctor import examine

        findings = examine()
        if as_json:
            print(json.dumps([asdict(finding) for finding in findings]))
        else:
            for finding in findings:
                typer.echo(finding.line())
    raise typer.Exit(DONE if all(finding.level != "wrong" for finding in findings) else FAILED)


def _read(path: Path) -> "Scenario":
    """Return the scenario of a file; raises ScenarioInvalid with every problem found."""
    text = read_text(path, "scenario")
    from inversion_core.scenario import read_scenario

    return read_scenario(text)


def _exit_code(state: str) -> int:
    return {"done": DONE, "cancelled": CANCELLED}.get(state, FAILED)


__all__: list[Any] = ["app"]
