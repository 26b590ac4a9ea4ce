"""What the runs of the exhibit of gradients say together: shares identified, as lines and a table."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from inversion_core.exhibits.gradients import SEARCH
from inversion_core.metrics.gradients_verdict import HEADLINE
from inversion_core.metrics.intervals import wilson
from inversion_core.reports.blocks import Table
from inversion_core.scenario import Scenario
from inversion_core.store.runs import RunRecord
from pages.ui import scores, words
from pages.ui.report_blocks import blocks

ATTACKER, BLUE, PINK, GREEN, GHOST = "#d55e00", "#2b8fd0", "#cc79a7", "#009e73", "#8a929c"
LOOKS = (
    (ATTACKER, "solid", "circle"),
    (BLUE, "dash", "square"),
    (PINK, "dot", "diamond"),
    (GREEN, "dashdot", "triangle-up"),
    (BLUE, "solid", "cross"),
    (PINK, "longdash", "x"),
)
LIMITS = (
    "How strong an attack can be: a longer search or a prior of what photos look like may find more; a low "
    "share bounds this attack only.",
    "Chance in the network and the photos beyond the seeds that were run: the intervals are about the choice "
    "of photos.",
    "Rounds after the first: clients take part many times, and what each update tells adds up.",
)


@dataclass(frozen=True)
class Point:
    """The photos of equal runs with several seeds, counted together."""

    line: str
    x: float
    hits: int
    n: int
    baseline: float
    psnr: float

    @property
    def share(self) -> float:
        """Share of photos that point at their original."""
        return self.hits / self.n


@dataclass(frozen=True)
class Chart:
    """Runs that differ in one setting: which belong to it, and where each lies on the axis."""

    name: str
    title: str
    axis: str
    place: Callable[[Scenario], float | None]
    logarithmic: bool = True


def measured(runs: Sequence[RunRecord]) -> None:
    """Draw every chart for which there are runs, with the table behind."""
    for chart in CHARTS:
        points = of(chart, runs)
        if points:
            st.subheader(chart.title, anchor=False)
            st.plotly_chart(
                figure(chart, points),
                key=f"gradients-{chart.name}",
                config={"displayModeBar": False},
                alt=f"{chart.title}: " + "; ".join(_told(chart, one) for one in points) + ".",
            )
            with st.expander("As a table", icon=":material/table_rows:"):
                st.table(table(chart, points), alt=f"{chart.title}, with intervals and n.")
    if alone := beside(runs):
        st.subheader("Other networks, other attacks, other things a server knows", anchor=False)
        told = Table("Runs on no chart", tuple(alone[0]), tuple(tuple(row.values()) for row in alone))
        blocks([told])
    scores.not_shown(LIMITS, key="limits-gradients")


def of(chart: Chart, runs: Sequence[RunRecord]) -> list[Point]:
    """Return the points of a chart, line by line; seeds are counted together."""
    found: dict[tuple[str, float], list[dict[str, Any]]] = defaultdict(list)
    for run in runs:
        x = chart.place(run.scenario)
        if x is not None and run.result is not None:
            found[_line(run.scenario), x].append(run.result)
    return [Point(line, x, *_counted(results)) for (line, x), results in sorted(found.items())]


def beside(runs: Sequence[RunRecord]) -> list[dict[str, str]]:
    """Return one row for each kind of run that no chart has a place for; seeds are counted together."""
    kinds: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for run in runs:
        if run.result is not None and all(chart.place(run.scenario) is None for chart in CHARTS):
            kinds[_line(run.scenario), run.scenario.federated().photos].append(run.result)
    return [
        {"attack": line, "photos in an update": str(photos), **_cells(*_counted(results))}
        for (line, photos), results in kinds.items()
    ]


def _cells(hits: int, n: int, baseline: float, decibels: float) -> dict[str, str]:
    low, high = wilson(hits, n)
    return {
        "identified": f"{hits} of {n}",
        "95 % interval": f"{words.percent(low)} to {words.percent(high)}",
        "a blind pick": f"{100 * baseline:.2g} %",
        "PSNR": f"{decibels:.1f} dB",
    }


def figure(chart: Chart, points: Sequence[Point]) -> go.Figure:
    """Return the lines of a chart with their intervals, and a blind pick below."""
    drawn = go.Figure()
    lines = list(dict.fromkeys(one.line for one in points))
    for line, (colour, dash, symbol) in zip(lines, cycle(LOOKS), strict=False):
        own = [one for one in points if one.line == line]
        ends = [wilson(one.hits, one.n) for one in own]
        drawn.add_scatter(
            x=[one.x for one in own],
            y=[one.share for one in own],
            name=line,
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 3},
            marker={"symbol": symbol, "size": 10},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [high - one.share for one, (_, high) in zip(own, ends, strict=True)],
                "arrayminus": [one.share - low for one, (low, _) in zip(own, ends, strict=True)],
            },
            customdata=[one.n for one in own],
            hovertemplate="%{x}: %{y:.0%}, n = %{customdata}<extra>" + line + "</extra>",
        )
    places = sorted({one.x for one in points})
    blind = {one.x: one.baseline for one in points}
    least, most = (f"{100 * end:.2g}" for end in (min(blind.values()), max(blind.values())))
    drawn.add_scatter(
        x=places,
        y=[blind[place] for place in places],
        name=f"a blind pick, {least} %" if least == most else f"a blind pick, {least} to {most} %",
        mode="lines",
        line={"color": GHOST, "width": 2, "dash": "dot"},
        hoverinfo="skip",
    )
    drawn.update_layout(
        height=330 + 22 * len(drawn.data),
        margin={"l": 0, "r": 10, "t": 10, "b": 0},
        legend={"x": 0, "y": -0.2, "yanchor": "top", "title": None},
        xaxis={
            "type": "log" if chart.logarithmic else "linear",
            "title": chart.axis,
            "tickvals": places,
            "ticktext": [f"{place:g}" for place in places],
        },
        yaxis={"title": "photos identified", "tickformat": ".0%", "range": [-0.03, 1.03]},
    )
    return drawn


def table(chart: Chart, points: Sequence[Point]) -> pd.DataFrame:
    """Return the numbers behind a chart as people read them."""
    return pd.DataFrame(list(_rows(chart, points))).set_index("attack")


def _rows(chart: Chart, points: Sequence[Point]) -> Iterator[dict[str, str]]:
    for one in points:
        cells = _cells(one.hits, one.n, one.baseline, one.psnr)
        yield {"attack": one.line, chart.axis: f"{one.x:g}", **cells}


def _told(chart: Chart, one: Point) -> str:
    return f"{one.line}, {chart.axis} {one.x:g}: {one.hits} of {one.n}"


def _counted(results: Sequence[dict[str, Any]]) -> tuple[int, int, float, float]:
    """Return hits, n, baseline and mean PSNR of the photos of several runs."""
    shares = [_score(result, HEADLINE) for result in results]
    count = sum(one["n"] for one in shares)
    decibels = sum(row["psnr"] for result in results for row in result["victims"]) / count
    hits = sum(round(one["value"] * one["n"]) for one in shares)
    return hits, count, shares[0]["baseline"], decibels


def _score(result: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in result["scores"] if one["name"] == name)
    return found


def _line(scenario: Scenario) -> str:
    """Return attack, network and whether it is trained, how a search went about it, and what the server was
    not told or was told beside the update.
    """
    setting, params = scenario.federated(), scenario.attack.params
    search = f", {params['steps']} steps" if "steps" in params else ""
    search += " after a prior" if params.get("prior") else ""
    search += " on what was sent" if params.get("only_sent") else ""
    search += " of smooth pictures" if "total_variation" in params else ""
    state = "trained" if setting.trained else "fresh"
    told = "" if setting.labels_known else ", labels read off"
    told += ", statistics sent" if setting.buffers_sent else ""
    return f"{scenario.attack.name}{search}, {scenario.target.name}, {state}{told}"


def _only(scenario: Scenario, name: str) -> dict[str, Any] | None:
    """Return the parameters of the defence where it is the only one."""
    chosen = scenario.exposure.defences
    return chosen[0].params if len(chosen) == 1 and chosen[0].name == name else None


def _clients(scenario: Scenario) -> float | None:
    return None if _only(scenario, "secure-aggregation") is None else scenario.federated().clients


def _sigma(scenario: Scenario) -> float | None:
    return (_only(scenario, "gradient-noise") or {}).get("sigma")


def _kept(scenario: Scenario) -> float | None:
    ratio = (_only(scenario, "gradient-pruning") or {}).get("ratio")
    return None if ratio is None else round(1 - ratio, 6)


def _blur(scenario: Scenario) -> float | None:
    return (_only(scenario, "local-dp") or {}).get("noise")


def _batch(scenario: Scenario) -> float | None:
    setting = scenario.federated()
    search = scenario.attack.name == "inverting-gradients" and scenario.target.name == "cnn-gn"
    usual = setting.labels_known and not setting.trained and setting.local_steps == 1
    return setting.photos if search and usual and not scenario.exposure.defences else None


def _steps(scenario: Scenario) -> float | None:
    """Return the local steps of clients with one photo, where nothing else is in the way."""
    setting = scenario.federated()
    plain = setting.photos == 1 and setting.labels_known and not setting.trained
    exact = scenario.attack.name == "analytic-gradient" and scenario.target.name == "softmax"
    search = scenario.attack == SEARCH and scenario.target.name == "cnn-gn"
    shown = plain and (exact or search) and not scenario.exposure.defences
    return setting.local_steps if shown else None


CHARTS = (
    Chart("clients", "Secure aggregation: the sum of more and more clients", "clients in the sum", _clients),
    Chart("noise", "Noise on every update", "standard deviation of the noise", _sigma),
    Chart("pruning", "Only the largest numbers of every layer are sent", "share that is sent", _kept),
    Chart("batch", "Several photos in one update", "photos in an update", _batch),
    Chart(
        "blur",
        "Clipped and blurred by each client: local differential privacy",
        "noise, in lengths of a clipped update",
        _blur,
    ),
    Chart("steps", "Several steps before an update is sent: federated averaging", "local steps", _steps),
)
