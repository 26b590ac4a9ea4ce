"""A report as files: HTML, PDF, JSON, CSV, and the sha256 of everything."""

from pathlib import Path

from inversion_core.errors import StoreUnavailable
from inversion_core.reports.content import Layout, content
from inversion_core.reports.data import CSV_COLUMNS, csv_lines, data
from inversion_core.reports.document import manifest
from inversion_core.reports.dossier import Dossier
from inversion_core.reports.html import html
from inversion_core.reports.pdf import pdf
from inversion_core.reports.tables import csv_rows
from inversion_core.summary import as_json

HTML, PDF, JSON, CSV, SUMS = "report.html", "report.pdf", "report.json", "results.csv", "sha256.json"


def files(dossier: Dossier, layout: Layout = Layout.EDPB, *, unlocked: bool = False) -> dict[str, bytes]:
    """Return name -> content of every file; `unlocked` leaves pictures of real people as they are."""
    report = content(dossier, layout)
    made = {
        HTML: html(report, unlocked=unlocked),
        PDF: pdf(report, unlocked=unlocked),
        JSON: (as_json(data(dossier), indent=1) + "\n").encode(),
        CSV: csv_rows(CSV_COLUMNS, csv_lines(dossier)),
    }
    return made | {SUMS: manifest(made)}


def write(dossier: Dossier, layout: Layout, folder: Path) -> list[str]:
    """Write the files to a folder and return their names; raises StoreUnavailable."""
    made = files(dossier, layout)
    try:
        for name, content_ in made.items():
            (folder / name).write_bytes(content_)
    except OSError as error:
        raise StoreUnavailable(
            f"reports are written to --out, {folder} failed ({error.strerror}); make room or choose another"
        ) from error
    return sorted(made)
