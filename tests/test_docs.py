"""README and docs are true: their tables are the registry, their commands exist, their files are there."""

import json
import re

import pytest
from typer.testing import CliRunner

from inversion_core.cli import app
from inversion_core.listing import listing
from inversion_core.scenario import problems, read_scenario
from inversion_core.settings import ROOT
from inversion_core.sweeps.cells import expand
from inversion_core.sweeps.spec import read_sweep

README, GUIDE, COMPONENTS = (
    (ROOT / name).read_text() for name in ("README.md", "docs/guide.md", "docs/components.md")
)
TABLES = ["attacks", "defences", "targets", "datasets", "metrics"]


def table(kind: str) -> list[dict[str, str]]:
    """Return the rows of the table under the heading of a kind, by column."""
    section = re.split(r"^#+ ", COMPONENTS.split(f"\n## {kind.capitalize()}\n")[1], flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


@pytest.mark.parametrize("kind", TABLES)
def test_the_table_is_what_is_registered(kind: str) -> None:
    rows = table(kind)
    assert rows == [{column: str(real[column]) for column in rows[0]} for real in listing(kind)]


def test_the_tables_tell_what_a_reader_asks_first() -> None:
    assert set(table("attacks")[0]) >= {"name", "title", "needs", "reference"}
    assert set(table("defences")[0]) >= {"name", "title", "changes"}


def test_the_example_scenario_can_run() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    assert json.loads(example) and problems(read_scenario(example)) == []


def test_the_example_sweep_can_run_and_shuts_one_attack_out() -> None:
    (example,) = re.findall(r"^    (\{\"name\": \"rounding\".*?\]\})$", GUIDE, re.DOTALL | re.MULTILINE)
    cells = expand(read_sweep(example))
    assert [(cell.row, cell.column) for cell in cells if cell.shut_out] == [("labels only", "black box")]
    assert len(cells) == 6


def test_every_command_shown_exists_and_every_command_is_shown() -> None:
    shown = set(re.findall(r"-m inversion_core ([a-z-]+)", GUIDE))
    assert set(re.findall(r"-m inversion_core ([a-z-]+)", README)) <= shown
    commands = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert shown == commands | {group.name for group in app.registered_groups}
    for command in shown:
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


def test_every_make_target_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = set(re.findall(r"(?:^    |`)make ([a-z]+)", README, re.MULTILINE))
    assert {"run", "test"} <= shown <= targets


def test_every_file_and_picture_named_is_there() -> None:
    linked = [ROOT / name for name in re.findall(r"\]\(([\w./-]+)\)", README)]
    linked += [ROOT / "docs" / name for name in re.findall(r"\]\(([\w./-]+)\)", GUIDE + COMPONENTS)]
    named = re.findall(r"`((?:inversion_core|pages)/[\w./]*)`", README + GUIDE + COMPONENTS)
    assert linked and named
    assert [one for one in [*linked, *(ROOT / name for name in named)] if not one.exists()] == []


def test_continuous_integration_runs_the_one_test_command() -> None:
    assert "exec make test" in (ROOT / ".ci" / "run").read_text()
