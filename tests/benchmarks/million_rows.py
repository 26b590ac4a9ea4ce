"""Load a table of a million records and twelve columns: seconds, and the most memory it takes.

    python -m tests.benchmarks.million_rows [ROWS]

The file is written to a temporary folder; loading happens in a process of its own, whose peak is the number.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROWS = 1_000_000
CHUNK = 100_000
WORDS = {
    "sex": ("female", "male"),
    "region": tuple(f"region {number}" for number in range(40)),
    "work": ("private", "public", "self-employed", "none", "?"),
    "education": ("primary", "secondary", "college", "university"),
    "smoker": ("never", "former", "current", ""),
    "outcome": ("good", "bad"),
}
LOAD = """
import json, resource, sys, time
from inversion_core.datasets.table import Table
imported = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
table = Table(sys.argv[1], label="outcome", sensitive="sex")
members, others = table.train(), table.held_out()
print(json.dumps({
    "records": len(members) + len(others),
    "columns": len(table.columns),
    "seconds": time.perf_counter() - began,
    "imported": imported,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
}))
"""


def main() -> None:
    """Print one line a measurement."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "million.csv"
        began = time.perf_counter()
        write(path, rows)
        print(
            f"written: {rows:,} rows, {path.stat().st_size / 1e6:.0f} MB, {time.perf_counter() - began:.1f} s"
        )
        done = subprocess.run(
            [sys.executable, "-c", LOAD, str(path)], capture_output=True, text=True, check=True
        )
    told = json.loads(done.stdout)
    print(f"loaded: {told['records']:,} records of {told['columns']} columns in {told['seconds']:.1f} s")
    print(
        f"peak memory: {told['peak'] / 1e6:.2f} GB, of which {told['imported'] / 1e6:.2f} GB before loading"
    )


def write(path: Path, rows: int) -> None:
    """Write twelve columns: six of words with missing cells, two of whole numbers, four of others."""
    rng = np.random.default_rng(0)
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join([*WORDS, "age", "visits", "income", "weight", "height", "pressure"]) + "\n")
        for start in range(0, rows, CHUNK):
            count = min(CHUNK, rows - start)
            columns = [np.array(words)[rng.integers(0, len(words), count)] for words in WORDS.values()]
            columns += [rng.integers(18, 95, count).astype(str), rng.poisson(3, count).astype(str)]
            columns += [np.char.mod("%.4f", rng.normal(mean, 9, count)) for mean in (52_000, 75, 170, 130)]
            file.writelines(",".join(row) + "\n" for row in zip(*columns, strict=True))


if __name__ == "__main__":
    main()
