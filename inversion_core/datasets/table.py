"""Any table of one's own: a CSV file with a label and a sensitive column.

Held-out people come from a second file of the same columns or from a random split. Columns are used as
their cells suggest (`column_kinds.py`) or as `types` says; missing cells stay missing. Levels are collected
from both parts, so that a value seen only among the held-out rows is a level too; ranges and grids come from
the held-out rows alone, which the public may know.
"""

from functools import lru_cache
from pathlib import Path

import numpy as np
from pydantic import Field

from inversion_core.datasets.base import DatasetCard
from inversion_core.datasets.coding import code_column, code_label, code_sensitive
from inversion_core.datasets.column_kinds import Kind, settle
from inversion_core.datasets.csv_file import Layout, Stamp, digest, stamp
from inversion_core.datasets.sheet import (
    Cased,
    Sheet,
    SheetDataset,
    public_columns,
    records,
    split,
    usual_groups,
)
from inversion_core.datasets.table_checks import check_names, check_parts, check_rows, code_of, group_places
from inversion_core.datasets.table_source import TableSource
from inversion_core.datasets.text_column import Mask
from inversion_core.errors import DataUnusable
from inversion_core.values import Modality


class Table(SheetDataset):
    """Your own table: a CSV file in UTF-8 with a header, one record a line.

    A model learns to predict the label; the attack guesses the sensitive column. Rows without a label or
    without a sensitive value are left out, and so are columns that look like identifiers; the notes say so.
    """

    name = "table"
    title = "A table of your own (CSV)"
    takes_path = True

    class Params(SheetDataset.Params):
        """Which columns mean what, and who is held out."""

        label: str = Field(description="Name of the column the model predicts.")
        sensitive: str = Field(description="Name of the column the attack guesses.")
        positive: str | None = Field(
            None,
            description="The sensitive value that precision and recall are about; empty: all count alike.",
        )
        auxiliary: str | None = Field(
            None,
            description="Path of a second CSV of the same columns: these people are held out, and all of the "
            "first file are members. Empty: the rows are split.",
        )
        train_share: float = Field(
            0.5, ge=0.05, le=0.95, description="Share of the rows that are members, where they are split."
        )
        seed: int = Field(0, ge=0, description="Seed of the split.")
        types: dict[str, Kind] = Field(
            {}, description='Corrections: column to "categorical", "continuous" or "ignore".'
        )
        bins: int = Field(
            4, ge=2, le=20, description="Ranges that a sensitive column of many numbers is cut into."
        )
        label_bins: int | None = Field(
            None, ge=2, le=20, description="Ranges that a label of many numbers is cut into; empty: none."
        )
        groups: tuple[str, ...] | None = Field(
            None,
            description="Columns by whose levels the scores are also told; empty: two with 2 to 6 levels.",
        )
        header: bool = Field(True, description="Whether the first line names the columns; else 0, 1, 2, ...")
        skip_rows: int = Field(
            0, ge=0, le=100, description="Lines below the header that are no records, as a second header."
        )

    params: Params

    def __init__(self, path: str | Path, **options: object) -> None:
        """Read the file, or find it read; raises DataUnusable where it cannot be used."""
        super().__init__(**options)
        if not str(path):
            raise DataUnusable("a table needs a path, an empty one was given; name a CSV file")
        self._file = stamp(path)
        self._auxiliary = stamp(self.params.auxiliary) if self.params.auxiliary else None
        self.sheet()

    @property
    def card(self) -> DatasetCard:
        """Describe the table; whose records they are only the user knows."""
        return DatasetCard(
            modality=Modality.TABLE,
            classes=len(self.classes),
            shape=(len(self.columns),),
            class_is_person=False,
            category="personal",
            licence="as its owner says",
            origin=f"the user's file {self._file.name!r}",
            synthetic=False,
        )

    def sheet(self) -> Sheet:
        """Return the table, read once a process as long as the files stay as they are."""
        return _sheet(self._file, self._auxiliary, self.params.model_dump_json())

    def fingerprint(self) -> str:
        """Return a digest of the bytes of the files."""
        files = [one for one in (self._file, self._auxiliary) if one]
        return "-".join([f"v{self.version}", *(digest(one) for one in files)])


@lru_cache(maxsize=4)
def _sheet(file: Stamp, auxiliary: Stamp | None, params_json: str) -> Sheet:
    params = Table.Params.model_validate_json(params_json)
    source = TableSource(file, auxiliary, Layout(params.header, params.skip_rows))
    _check_columns(source, params)
    label, sensitive = source.take(params.label), source.take(params.sensitive)
    known = label.known() & sensitive.known()
    source.keep(known)
    lost = int((~known).sum())
    members = (
        ~source.from_auxiliary() if auxiliary else split(len(source.kept), params.train_share, params.seed)
    )
    check_rows(members, lost)
    types, where = params.types, source.where
    told = code_label(label.rows(source.kept), types.get(label.name), where, ~members, params.label_bins)
    hidden = code_sensitive(
        sensitive.rows(source.kept), types.get(sensitive.name), where, ~members, params.bins
    )
    check_parts(told, hidden, members)
    inputs, notes = _inputs(source, params, hidden, ~members)
    if lost:
        notes = [f"{lost:,} rows without a label or a sensitive value are left out", *notes]
    return _put_together(params, told, hidden, inputs, members, tuple(notes))


def _put_together(
    params: Table.Params,
    label: Cased,
    hidden: Cased,
    inputs: list[Cased],
    members: Mask,
    notes: tuple[str, ...],
) -> Sheet:
    labels, place = label.cells.astype(np.int64), inputs.index(hidden)
    columns = public_columns(inputs, members)
    groups = usual_groups(columns, place)
    if params.groups is not None:
        groups = group_places(params.groups, columns, place)
    return Sheet(
        columns=columns,
        classes=label.levels or (),
        members=records(inputs, labels, members),
        others=records(inputs, labels, ~members),
        sensitive=place,
        positive=None if params.positive is None else code_of(params.positive, hidden),
        grouping=groups,
        notes=notes,
    )


def _inputs(
    source: TableSource, params: Table.Params, hidden: Cased, public: Mask
) -> tuple[list[Cased], list[str]]:
    """Return the input columns in the order of the file, and a note about each one left out."""
    cased: list[Cased] = []
    notes: list[str] = []
    for name in source.names:
        if name == params.sensitive:
            cased.append(hidden)
        if name in (params.label, params.sensitive):
            continue
        column = source.take(name)
        kind, reason = settle(column, params.types.get(name), source.where)
        if kind is not Kind.IGNORE and not column.known()[public].any():
            kind, reason = Kind.IGNORE, "it is empty in every held-out row"
        if kind is Kind.IGNORE:
            notes.append(f"column {name!r} is ignored: {reason}")
        else:
            cased.append(code_column(column, kind))
    if len(cased) < 2:
        raise DataUnusable(
            "a model needs a column beside the label and the sensitive one, none can be used; "
            + ("; ".join(notes) or "add one")
        )
    return cased, notes


def _check_columns(source: TableSource, params: Table.Params) -> None:
    check_names(source.names, "label", (params.label,), header=params.header)
    check_names(source.names, "sensitive", (params.sensitive,), header=params.header)
    check_names(source.names, "types", tuple(params.types), header=params.header)
    check_names(source.names, "groups", params.groups or (), header=params.header)
    if params.label == params.sensitive:
        raise DataUnusable(
            f"the label and the sensitive column are two columns, {params.label!r} was given as both; choose "
            "another for one of them"
        )
