"""Write the stored comparisons as a document: what was found of each defence, from the bundles alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inversion_core.compare.expectations import Finding, Seen, Study, evaluate
from inversion_core.compare.literature import CLAIMS
from inversion_core.compare.matrix import Attacker, Cell, Matrix
from inversion_core.compare.telling import RULE, basis, estimate, number, sentence, side, summary
from inversion_core.errors import DataUnusable

OPENING = """# Defences, as measured

Written by `python -m inversion_core.shipping docs` from the comparisons in `assets/evidence/compare`; no
number in it is typed by hand. A cell tells the share of people an independent judge recognises in what the
attack recovered (for tables: what the model adds to guessing), with its 95 % interval: first under the attack
as published, then under the strongest attacker tried who knows the defence, then what both come to
(`inversion_core/compare/verdict.py`). The claims are those of `inversion_core/compare/literature.py`, read by
the rule of `inversion_core/compare/expectations.py`."""


def document(folder: Path) -> str:
    """Return the document of the bundles in a folder; raises DataUnusable for one that cannot be read."""
    parts = [OPENING, RULE]
    for path in sorted(folder.glob("*/comparison.json")):
        try:
            parts += _comparison(path.parent.name, json.loads(path.read_text()))
        except (ValueError, KeyError, TypeError) as error:
            raise DataUnusable(
                f"comparisons are read from {path.parent.name}/comparison.json, which is damaged or of an "
                f"earlier version ({type(error).__name__} {error}); write it again by `python -m "
                "inversion_core.shipping compare`"
            ) from error
    return "\n\n".join(parts) + "\n"


def _comparison(name: str, kept: dict[str, Any]) -> Iterator[str]:
    matrix, made = Matrix.model_validate(kept["matrix"]), kept["made"]
    findings = evaluate(Study.of(matrix, made), CLAIMS)
    yield f"## {kept['title']}"
    yield sentence(matrix)
    yield "\n".join(_table(matrix, made["accuracy"]))
    if any(one.seen is not Seen.NOT_MEASURED for one in findings):
        yield f"### {kept['title']}: what the literature leads one to expect, and what was found here"
        yield summary(findings)
        yield "\n".join(_finding(one) for one in findings if one.seen is not Seen.NOT_MEASURED)
        if others := [one.claim for one in findings if one.seen is Seen.NOT_MEASURED]:
            yield "Not measured here:\n\n" + "\n".join(f"- {one.text} ({one.source})" for one in others)
    yield f"### {kept['title']}: how it was made"
    yield "\n".join(_making(name, matrix, made))


def _table(matrix: Matrix, accuracy: dict[str, dict[str, float]]) -> Iterator[str]:
    """Yield a table in Markdown: a row a defence, the target's accuracy, then a column an attack."""
    best = matrix.strongest()
    yield f"| defence | accuracy | {' | '.join(matrix.columns)} |"
    yield "|---" * (len(matrix.columns) + 2) + "|"
    for row in matrix.rows:
        right = accuracy.get(row)
        told = "" if right is None else number("accuracy", right["value"])
        cells = [
            _both(best.get((row, column, "naive")), best.get((row, column, "adaptive")))
            for column in matrix.columns
        ]
        yield f"| {row} | {told} | {' | '.join(cells)} |"


def _both(naive: Cell | None, adaptive: Cell | None) -> str:
    lines = [_value("naive", naive)]
    lines += [_value("adaptive", adaptive)] if adaptive is not None and adaptive.pooled is not None else []
    if naive is not None and naive.untouched:
        lines.append("*not touched*")
    elif naive is not None and naive.verdict is not None:
        lines.append(f"*{naive.verdict.value}*")
    return "<br>".join(lines)


def _value(attacker: Attacker, cell: Cell | None) -> str:
    if cell is None or cell.pooled is None or cell.score is None:
        return f"{attacker}: {'not tried' if cell is None else cell.state}"
    pooled = cell.pooled
    return f"{attacker}: {estimate(cell.score, pooled.value, pooled.low, pooled.high)}"


def _finding(finding: Finding) -> str:
    sides = "; ".join(side(one) for one in (finding.here, finding.there) if one is not None)
    claim = f"**{finding.seen}**: {finding.claim.text} ({finding.claim.source}.)"
    return f"- {claim} {sides} ({basis(finding)})."


def _making(name: str, matrix: Matrix, made: dict[str, Any]) -> Iterator[str]:
    people = sorted({one.n for one in matrix.cells if one.pooled is not None})
    victims = " or ".join(f"{count:,}" for count in people)
    seeds = ", ".join(str(seed) for seed in made["seeds"])
    trained = "each seed also trained a target" if made["retrain"] else "each target trained once"
    yield f"- Victims: {victims}, the same in every cell; seeds {seeds}, {trained}."
    yield f"- Rows and columns: the sweep `assets/sweeps/{name}.json` as it was then, kept with the results."
    yield "- Command: `python -m inversion_core.shipping compare` measures it and writes this document."
    yield f"- Results: `assets/evidence/compare/{name}`, which is what the Compare page shows."
