"""The ruler laid against attacks: what each gains over the imputer as the planted leak grows.

    python -m tests.benchmarks.planted_leak [--attacks NAME ...] [--seeds 3] [--out docs/planted-leak.png]

Every run goes through `inversion_core.execute`: people of its own, a target trained on them, the attack on
all members. The plot is drawn by Plotly and photographed by Debian's chromium.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from inversion_core.execute import execute
from inversion_core.registry import find
from inversion_core.scenario import Scenario
from inversion_core.settings import settings
from inversion_core.store.runs import RunStore
from inversion_core.values import State

DIAL = (0.0, 0.25, 0.5, 1.0)
TABLES = {"clinic": "Clinic: who carries a gene variant", "credit": "Credit: who has sought debt advice"}
COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7")
GREY, INK = "#6b7280", "#1d2228"
SPREAD = 0.034
"""Distance of the attacks' points at one setting, so that intervals do not hide each other."""
SIZE = (1200, 640)
BROWSER = "/usr/bin/chromium"


@dataclass(frozen=True)
class Point:
    """What one attack gained at one setting, over all seeds; `control`: on records never trained on."""

    table: str
    attack: str
    dial: float
    gain: float
    low: float
    high: float
    control: float
    covers: int
    seeds: int
    planted: float

    @property
    def told(self) -> str:
        """One line of the printed table."""
        return (
            f"{self.table:8} {self.attack:18} {self.dial:4.2f}  planted {self.planted:.3f}  "
            f"gain {self.gain:+.3f} ({self.low:+.3f} to {self.high:+.3f})  never seen {self.control:+.3f}  "
            f"interval over 0 in {self.covers} of {self.seeds} runs"
        )


def main() -> None:
    """Run, print a line a point, draw."""
    options = _options()
    points = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INVERSION_DATA_FOLDER"] = folder
        settings.cache_clear()
        store = RunStore(f"sqlite:///{folder}/runs.sqlite", f"{folder}/artifacts")
        for table in TABLES:
            for attack in options.attacks:
                for dial in DIAL:
                    points.append(measure(store, table, attack, dial, options.seeds))
                    print(points[-1].told, flush=True)
        store.close()
    photograph(figure(points), options.out)


def measure(store: RunStore, table: str, attack: str, dial: float, seeds: int) -> Point:
    """Run one setting with several seeds; the people, the target and the attack change with the seed.

    The interval is that of the mean gain, from the paired bootstrap intervals of the runs, which are
    independent, taken as normal.
    """
    scores = [_score(store, table, attack, dial, seed) for seed in range(seeds)]
    gains = np.array([score["value"] for score in scores])
    errors = np.array([score["high"] - score["low"] for score in scores]) / 2 / 1.96
    reach = 1.96 * float(np.sqrt((errors**2).sum())) / seeds
    mean = float(gains.mean())
    return Point(
        table,
        attack,
        dial,
        mean,
        mean - reach,
        mean + reach,
        control=float(np.mean([score["control"] for score in scores])),
        covers=sum(score["low"] <= 0 <= score["high"] for score in scores),
        seeds=seeds,
        planted=find("datasets", table)(memorised=dial).planted.leak,
    )


def figure(points: Sequence[Point]) -> go.Figure:
    """Return one panel a table: the size of the planted leak as a line, what each attack found as points."""
    drawn = make_subplots(
        1, len(TABLES), shared_yaxes=True, horizontal_spacing=0.05, subplot_titles=list(TABLES.values())
    )
    attacks = list(dict.fromkeys(point.attack for point in points))
    for place, table in enumerate(TABLES, 1):
        mine = [point for point in points if point.table == table]
        for trace in _traces(mine, attacks, first=place == 1):
            drawn.add_trace(trace, 1, place)
    return _styled(drawn, points[0].seeds)


def photograph(drawn: go.Figure, path: Path) -> None:
    """Write a figure as PNG, at twice its size in pixels."""
    from playwright.sync_api import sync_playwright

    width, height = SIZE
    html = drawn.to_html(
        include_plotlyjs=True,
        config={"staticPlot": True},
        default_width=f"{width}px",
        default_height=f"{height}px",
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=2)
        page.set_content(html.replace("<body>", '<body style="margin:0">'))
        page.wait_for_selector(".main-svg")
        page.locator(".js-plotly-plot").screenshot(path=path)
        browser.close()
    print(f"written: {path}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--attacks", nargs="+", default=["csmia", "neuron-attribute"], help="attacks on tables"
    )
    parser.add_argument("--seeds", type=int, default=3, help="runs a point")
    parser.add_argument("--out", type=Path, default=Path("docs/planted-leak.png"), help="where the plot goes")
    return parser.parse_args()


def _score(store: RunStore, table: str, attack: str, dial: float, seed: int) -> dict[str, Any]:
    """Return the residual over the imputer of one run."""
    wanted = {
        "dataset": {"name": table, "options": {"memorised": dial, "seed": seed}},
        "target": {"name": "mlp", "params": {"seed": seed}},
        "exposure": {"access": "white-box"},
        "attack": {"name": attack},
        "seed": seed,
    }
    run_id, _ = store.create(Scenario.model_validate_json(json.dumps(wanted)), "benchmark")
    record = execute(run_id, store)
    if record.state is not State.DONE or record.result is None:
        raise SystemExit(f"{table} {attack} {dial} {seed}: {record.state} {record.error}")
    return next(score for score in record.result["scores"] if score["name"] == "residual-over-imputation")


def _traces(points: Sequence[Point], attacks: Sequence[str], *, first: bool) -> list[go.Scatter]:
    line = go.Scatter(
        x=[0, 1], y=[0, 0.5], mode="lines", name="the leak that was planted",
        line={"color": GREY, "width": 2.5, "dash": "dot"}, legendgroup="planted", showlegend=first,
    )  # fmt: skip
    traces = [line]
    for place, attack in enumerate(attacks):
        mine = [point for point in points if point.attack == attack]
        shift = SPREAD * (place - (len(attacks) - 1) / 2)
        where, colour = [point.dial + shift for point in mine], COLOURS[place]
        gains = [point.gain for point in mine]
        error = {
            "type": "data", "symmetric": False, "thickness": 2, "width": 6, "color": colour,
            "array": [point.high - point.gain for point in mine],
            "arrayminus": [point.gain - point.low for point in mine],
        }  # fmt: skip
        title = find("attacks", attack).title
        traces += [
            go.Scatter(
                x=where, y=gains, mode="markers", name=title, error_y=error,
                marker={"color": colour, "size": 11},
                legendgroup=attack, showlegend=first,
            ),
            go.Scatter(
                x=where, y=[point.control for point in mine], mode="markers", showlegend=first,
                name="the same, people it never saw", legendgroup=f"{attack} control",
                marker={
                    "color": "white", "size": 10, "symbol": "diamond", "line": {"color": colour, "width": 2},
                },
            ),
        ]  # fmt: skip
    return traces


def _styled(drawn: go.Figure, seeds: int) -> go.Figure:
    drawn.update_layout(
        template="plotly_white",
        font={"family": "Liberation Sans, Arial, sans-serif", "size": 16, "color": INK},
        title={
            "text": "<b>Right guesses gained by asking the model</b><br>"
            "<span style='font-size:16px; font-family:Liberation Sans, Arial'>over an imputer that knows the "
            f"same and never asks; mean of {seeds} runs with its 95 % interval</span>",
            "font": {"family": "Liberation Serif, Georgia, serif", "size": 25},
            "x": 0.02, "y": 0.955,
        },
        legend={"orientation": "h", "y": -0.19, "x": 0.5, "xanchor": "center", "font": {"size": 14}},
        margin={"l": 90, "r": 30, "t": 125, "b": 130},
        width=SIZE[0], height=SIZE[1],
    )  # fmt: skip
    drawn.update_annotations(font={"size": 16, "color": INK})
    drawn.update_xaxes(
        title={"text": "share of sites whose rule only the members show", "font": {"size": 15}},
        tickvals=list(DIAL),
        ticktext=[f"{100 * dial:.0f} %" for dial in DIAL],
        range=[-0.07, 1.07],
        zeroline=False,
        gridcolor="#eceff2",
    )
    ticks = [tick / 10 for tick in range(-1, 6)]
    drawn.update_yaxes(
        tickvals=ticks,
        ticktext=[f"{100 * tick:+.0f} %" if tick else "0" for tick in ticks],
        range=[-0.12, 0.56],
        gridcolor="#eceff2",
        zerolinecolor=INK,
    )
    drawn.update_yaxes(title={"text": "gain in right guesses", "font": {"size": 15}}, col=1)
    return drawn


if __name__ == "__main__":
    main()
