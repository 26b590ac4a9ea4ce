"""The commands around reviews that are stored: the log of who did what, and links that were handed out."""

import getpass
import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inversion_core.border import DONE, FAILED, INVALID, AsJson, Store, border, opened
from inversion_core.errors import UnknownName

if TYPE_CHECKING:
    from inversion_core.risk.audit import Actor

audit = typer.Typer(no_args_is_help=True, help="The log of who did what in reviews.")
share = typer.Typer(no_args_is_help=True, help="Links that show a stored report or run to others.")

By = Annotated[str, typer.Option(help="Who does it, for the log; the name of this account by default.")]


def add(app: typer.Typer) -> None:
    """Add both groups to the command line."""
    app.add_typer(audit, name="audit")
    app.add_typer(share, name="share")


@audit.command("verify")
def verify(
    head: Annotated[
        str, typer.Option(help="Hash of a line as noted earlier, such as in the receipt of a decision.")
    ] = "",
    as_json: AsJson = False,
    store: Store = "",
) -> None:
    """Check that no line was changed, removed, inserted or moved, and that decisions and reports agree.

    Prints the hash of the last line: noted elsewhere, it finds a log that was cut off or written anew.
    """
    with border(INVALID):
        if head and (len(head) != 64 or set(head) - set("0123456789abcdef")):
            raise UnknownName(
                f"the hash of a line has 64 hexadecimal digits, {head[:80]!r} has not; copy it "
                "from the receipt of a decision or from a report"
            )
    with border(FAILED):
        stored = opened(store)
        problems = stored.verify_all(head or None)
        last, lines = stored.audit_head(), stored.audit_log(limit=1)
        count = lines[0].seq if lines else 0
        told = f"{count} line{'' if count == 1 else 's'}, head {last}"
        _tell(problems, {"lines": count, "head": last} if as_json else None, told)


@audit.command("list")
def listed(
    subject: Annotated[str, typer.Option(help="Id of an assessment, report or run; all by default.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of the latest lines.")] = 50,
    as_json: AsJson = False,
    store: Store = "",
) -> None:
    """List the latest lines, the newest first."""
    with border(FAILED):
        for line in opened(store).audit_log(subject or None, limit):
            if as_json:
                print(json.dumps(vars(line)))
                continue
            moment = time.strftime("%Y-%m-%d %H:%M", time.gmtime(line.time))
            who = json.dumps(f"{line.actor}, {line.role}", ensure_ascii=False)
            typer.echo(f"{line.seq:>6}  {moment}  {line.action:<20}  {line.subject:<32}  {who}")


@audit.command("report")
def check_report(
    report_id: Annotated[str, typer.Argument(help="Id of a stored report version.", show_default=False)],
    as_json: AsJson = False,
    store: Store = "",
) -> None:
    """Check that the stored files of a report are those that were made."""
    with border(INVALID):
        stored = opened(store)
        report = stored.report(report_id)
    with border(FAILED):
        problems = stored.verify_report(report_id)
        files = {one.kind: one.sha256 for one in report.files}
        told = f"version {report.version}, sha256 {report.sha256}"
        _tell(problems, {"sha256": report.sha256, "files": files} if as_json else None, told)


@share.command("add")
def add_share(
    kind: Annotated[str, typer.Argument(help="report or run.", show_default=False)],
    subject: Annotated[str, typer.Argument(help="Id of the report or run.", show_default=False)],
    days: Annotated[float, typer.Option(help="How long the link is open.")] = 7,
    by: By = "",
    store: Store = "",
) -> None:
    """Make a link and print its path, this once: only its hash is kept."""
    with border(INVALID):
        typer.echo(f"/share?id={opened(store).create_share(kind, subject, _actor(by), days)}")


@share.command("list")
def list_shares(as_json: AsJson = False, store: Store = "") -> None:
    """List the links there are: name, what they show, until when, and how often they were stored."""
    with border(INVALID):
        for one in opened(store).shares():
            if as_json:
                print(json.dumps(vars(one) | {"open": one.open}))
                continue
            until = time.strftime("%Y-%m-%d %H:%M", time.gmtime(one.expires))
            word = "open" if one.open else "expired" if one.revoked is None else "revoked"
            typer.echo(
                f"{one.name}  {one.kind:<6}  {one.subject}  {word:<7}  until {until}  {one.views} views"
            )


@share.command("revoke")
def revoke_share(
    name: Annotated[str, typer.Argument(help="Name as `share list` shows it.", show_default=False)],
    by: By = "",
    store: Store = "",
) -> None:
    """Take a link back for good."""
    with border(INVALID):
        opened(store).revoke_share(name, _actor(by))


def _tell(problems: list[str], values: dict[str, Any] | None, told: str) -> None:
    """Say whether what was checked is whole, as JSON with these values or in words, and leave."""
    if values is not None:
        print(json.dumps({"whole": not problems, **values, "problems": problems}))
    else:
        for problem in problems:
            typer.echo(problem, err=True)
        typer.echo(f"{'broken' if problems else 'whole'}, {told}")
    raise typer.Exit(FAILED if problems else DONE)


def _actor(name: str) -> "Actor":
    from inversion_core.risk.audit import Actor

    try:
        return Actor(name or getpass.getuser(), "command line")
    except (OSError, KeyError) as error:  # an account without a name, as in some containers
        raise UnknownName(
            "who does it is kept in the log, this account has no name; give one by --by"
        ) from error
