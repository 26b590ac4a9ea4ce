"""How long a report of 50 runs takes and how large it is.

    python -m tests.benchmarks.report_size

The runs are those of the example that ships, taken again with further seeds until there are 50: their numbers
repeat, which changes neither time nor size. Prints one line of JSON; the exit code is 1 above a limit. Left
out: running anything.
"""

import json
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from inversion_core.reports.content import content
from inversion_core.reports.dossier import collect, now
from inversion_core.reports.html import html
from inversion_core.reports.pdf import pdf
from inversion_core.risk import shipped
from inversion_core.risk.assessment import Assessment
from inversion_core.risk.policy import DEFAULT
from inversion_core.store.records import ArtifactRef, RunRecord

RUNS = 50
HTML_BYTES, PDF_SECONDS = 3_000_000, 5.0


@dataclass
class Repeated:
    """The runs of the example under further seeds."""

    runs: dict[str, RunRecord]
    example: shipped.ShippedRuns

    def runs_of_keys(self, keys: Iterable[str]) -> dict[str, RunRecord]:
        """Return the run of each key that has one."""
        return {key: self.runs[key] for key in keys if key in self.runs}

    def artifacts(self, run_id: str) -> list[ArtifactRef]:
        """Return the named files of a run."""
        return self.example.artifacts(run_id)

    def artifact(self, sha256: str) -> bytes:
        """Return a file by its hash."""
        return self.example.artifact(sha256)


def repeated(count: int) -> tuple[Assessment, Repeated]:
    """Return the example with so many runs."""
    whole, example = shipped.example()
    runs: dict[str, RunRecord] = {}
    scenarios = []
    for place in range(count):
        turn, which = divmod(place, len(whole.scenarios))
        scenario = whole.scenarios[which]
        found = example.runs_of_keys([scenario.key()])[scenario.key()]
        again = scenario.model_copy(update={"seed": scenario.seed + 10 * turn})
        scenarios.append(again)
        runs[again.key()] = replace(found, key=again.key(), scenario=again)
    return whole.model_copy(update={"scenarios": tuple(scenarios)}), Repeated(runs, example)


def main() -> int:
    """Measure, print, and say whether both stay within their limits."""
    assessment, runs = repeated(RUNS)
    began = time.perf_counter()
    dossier = collect(assessment, runs, DEFAULT, made=now())
    gathered = time.perf_counter()
    report = content(dossier)
    page = html(report)
    drawn = time.perf_counter()
    paper = pdf(report)
    printed = time.perf_counter()
    figures = {
        "runs": sum(len(row.scenarios) for row in dossier.rows),
        "gather_seconds": round(gathered - began, 2),
        "html_seconds": round(drawn - gathered, 2),
        "html_bytes": len(page),
        "pdf_seconds": round(printed - drawn, 2),
        "pdf_bytes": len(paper),
    }
    print(json.dumps(figures))
    return int(len(page) >= HTML_BYTES or printed - drawn >= PDF_SECONDS or figures["runs"] != RUNS)


if __name__ == "__main__":
    sys.exit(main())
