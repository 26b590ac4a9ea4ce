"""What happens to a run beside the work on it: its worker dies, people write about it, it is forgotten."""

from sqlalchemy import Connection, delete, select

from inversion_core.errors import IllegalTransition
from inversion_core.store.reading import RunReader, find_row
from inversion_core.store.records import Pending
from inversion_core.store.schema import artifacts, frames, owners, points, runs
from inversion_core.store.shown import close_links, is_shown, signed_review_of
from inversion_core.store.writing import as_seen, change, end, requeue
from inversion_core.values import State

LOSSES = 2
"""Workers that may die on a run before it counts as lost."""


class RunUpkeep(RunReader):
    """The part of the run store that engines and people use, and workers do not."""

    def lose(self, seen: Pending, reason: str) -> None:
        """Say that the worker of a run died: it is queued again once, then lost; unless it moved on since."""
        with self._database.writing() as connection:
            row = find_row(connection, seen.id, lock=True)
            if not as_seen(row, seen):
                return
            losses = row["losses"] + 1
            change(connection, seen.id, losses=losses)
            if row["cancelled"] is not None:
                end(connection, seen.id, State.CANCELLED)
            elif losses < LOSSES:
                requeue(connection, seen.id, f"taken again: {reason}")
            else:
                told = f"a run is taken again once, and {reason} a second time; start the scenario again"
                end(connection, seen.id, State.LOST, error=told)

    def give_back(self, seen: Pending) -> None:
        """Queue a run again whose worker was stopped on purpose; that is no loss."""
        with self._database.writing() as connection:
            row = find_row(connection, seen.id, lock=True)
            if not as_seen(row, seen):
                return
            if row["cancelled"] is not None:
                end(connection, seen.id, State.CANCELLED)
            else:
                requeue(connection, seen.id, "taken again: the server was stopped")

    def annotate(self, run_id: str, note: str) -> None:
        """Replace what people wrote about a run, its label."""
        with self._database.writing() as connection:
            find_row(connection, run_id, lock=True)
            change(connection, run_id, label=note)

    def forget(self, run_id: str) -> None:
        """Delete a final run and what only it shows; raises IllegalTransition before it is final, and once a
        signed review cites it.
        """
        with self._database.writing() as connection:
            row = find_row(connection, run_id, lock=True)
            if not State(row["state"]).final:
                raise IllegalTransition(
                    f"only a final run can be forgotten, {run_id} is {row['state']}; cancel it first"
                )
            if (review := signed_review_of(connection, run_id)) is not None:
                raise IllegalTransition(
                    f"a run that a signed review cites is kept with its pictures, {run_id} is "
                    "evidence in the "
                    f"assessment {review}; leave it there"
                )
            close_links(connection, [run_id])
            shown = _pictures(connection, run_id)
            for table in (frames, points, artifacts, owners):
                connection.execute(delete(table).where(table.c.run_id == run_id))
            connection.execute(delete(runs).where(runs.c.id == run_id))
            # Within the transaction, so that nobody attaches the same bytes between look and deletion.
            for sha256 in sorted(shown):
                if not is_shown(connection, sha256):
                    self._artifacts.delete(sha256)


def _pictures(connection: Connection, run_id: str) -> set[str]:
    found = [
        connection.scalars(select(table.c.sha256).where(table.c.run_id == run_id))
        for table in (frames, artifacts)
    ]
    return {sha256 for column in found for sha256 in column}
