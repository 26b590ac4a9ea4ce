"""The border of the command line: exit codes, options that commands share, expected errors in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from inversion_core.errors import InversionError, ScenarioInvalid

if TYPE_CHECKING:
    from inversion_core.store.runs import RunStore

DONE, INVALID, FAILED, CANCELLED = 0, 2, 3, 130

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
Store = Annotated[str, typer.Option(help="SQLAlchemy URL of the run store; the settings' by default.")]


def opened(url: str) -> "RunStore":
    """Return the store at `url`, that of the settings for none; imported by the command that needs it."""
    from inversion_core.store.runs import open_store

    return open_store(url or None)


@contextmanager
def border(code: int) -> Iterator[None]:
    """Tell an expected error in its own words, one problem a line, and leave with its exit code."""
    try:
        yield
    except ScenarioInvalid as error:
        _leave(error.problems, INVALID)
    except InversionError as error:
        _leave([str(error)], code)
    except KeyboardInterrupt:
        _leave(["stopped"], CANCELLED)


def _leave(lines: list[str], code: int) -> None:
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(code)
