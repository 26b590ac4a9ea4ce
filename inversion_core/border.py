"""The border of the command line: exit codes, and expected errors told in their own words."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from inversion_core.errors import InversionError, ScenarioInvalid

DONE, INVALID, FAILED, CANCELLED = 0, 2, 3, 130


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
