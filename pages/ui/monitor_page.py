"""The duel of attack and monitor, replayed from stored streams; nothing is computed here."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from inversion_core.errors import StoreUnavailable
from pages.ui import evidence, glossary, words

Stream = Mapping[str, Any]

SIGNALS = {
    "nearest": ("Near-duplicates", "grey levels to nearest queries"),
    "spread": ("Crowding", "grey levels to their centre"),
    "labels": ("Labels", "labels there are in effect among the answers"),
}
TITLES = {
    "gate": "Gate (honest)",
    "album": "Photo album (honest)",
    "nes-latent": "Evolution strategy, by scores",
    "brep-mi": "Boundary repulsion, by labels",
    "inversion-network": "Harvest for an inversion network",
}
LOOKS = {
    "gate": ("#009e73", "solid"),
    "album": ("#0072b2", "dash"),
    "nes-latent": ("#d55e00", "solid"),
    "brep-mi": ("#cc79a7", "dash"),
}
"""Pattern -> colour and dash of its line."""


def show() -> None:
    """Draw the page from the stored evidence."""
    try:
        kept = evidence.monitor()
    except StoreUnavailable as error:
        st.error(str(error), icon=":material/error:")
        return
    found = kept["counts"]["found"]
    words.verdict(sentence(found), side="defender")
    glossary.terms("judge", "interval", key="monitor-words")
    st.header("As it comes", anchor=False)
    streams: Sequence[Stream] = kept["streams"]
    most = max(stream["rows"][-1] for stream in streams)
    signal = st.segmented_control(
        "Signal",
        list(SIGNALS),
        default="nearest",
        format_func=lambda name: SIGNALS[name][0],
        required=True,
        key="signal",
    )
    rows = st.slider(
        "Rows asked so far", min_value=128, max_value=most, value=most, step=16, key="rows-so-far"
    )
    _drawing(streams, str(signal), rows, kept["counts"]["limits"][str(signal)])
    words.facts({TITLES[stream["name"]]: standing(stream, rows) for stream in streams})
    words.quiet(
        "One stored stream of each pattern, over the last 128 rows at a time. Nobody is blocked here, so "
        "that the attacks go on; the monitor of a service (serve --block-on-alarm) ends them at the alarm."
    )
    st.header("Many streams", anchor=False)
    st.table(table(found).set_index("pattern"), alt="Alarms and people recovered of each pattern.")
    words.quiet(
        "Limits come from honest traffic of other people. Left out of what this shows: an attacker who "
        "shares the rows out among many keys, or mixes them with other pictures, or varies pose and light "
        "as photos do."
    )


def sentence(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what the counts come to."""
    searches = [found["nes-latent"], found["brep-mi"]]
    caught, tried = (sum(one[name] for one in searches) for name in ("alarms", "n"))
    people, of = (sum(one[name] for one in searches) for name in ("recovered", "of"))
    false = sum(found[name]["alarms"] for name in ("gate", "album"))
    honest = sum(found[name]["n"] for name in ("gate", "album"))
    harvest = found["inversion-network"]
    return (
        f"The monitor noticed {caught} of {tried} searches and {harvest['alarms']} of {harvest['n']} "
        f"harvests of public photos; {people} of {of} victims of the searches were recovered by then. "
        f"{false} of {honest} honest streams raised a false alarm."
    )


def standing(stream: Stream, rows: int) -> str:
    """Return where a stream stands after so many rows."""
    alarm = stream["alarm"]
    told = "no alarm" if alarm is None or alarm["rows"] > rows else f"alarm at {alarm['rows']:,}"
    if not stream["attack"]:
        return told
    reached = [count for asked, count in stream["recovered"] if asked <= rows]
    return f"{told}, {reached[-1] if reached else 0} of {stream['victims']} recovered"


def table(found: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return the counts of every pattern as words."""
    return pd.DataFrame(
        {
            "pattern": TITLES[name],
            "alarms": f"{one['alarms']} of {one['n']}",
            "95 % interval": f"{one['low']:.3f} to {one['high']:.3f}",
            "rows until the alarm, median": "" if one["rows_median"] is None else f"{one['rows_median']:.0f}",
            "people recovered before": _recovered(one) if "recovered" in one else "",
        }
        for name, one in found.items()
    )


def _recovered(one: Mapping[str, Any]) -> str:
    return f"{one['recovered']} of {one['of']} ({one['recovered_low']:.3f} to {one['recovered_high']:.3f})"


def _drawing(streams: Sequence[Stream], signal: str, rows: int, limit: float) -> None:
    figure = go.Figure()
    for stream in streams:
        colour, dash = LOOKS[stream["name"]]
        count = sum(row <= rows for row in stream["rows"])
        figure.add_scatter(
            x=stream["rows"][:count],
            y=stream["signals"][signal][:count],
            name=TITLES[stream["name"]],
            mode="lines+markers",
            marker={"size": 4},
            line={"color": colour, "dash": dash, "width": 2},
        )
    figure.add_hline(y=limit, line={"color": "#6b7280", "dash": "dot"}, annotation_text="alarm below")
    figure.update_layout(
        height=340,
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        legend={"orientation": "h", "y": -0.3},
        xaxis={"title": "rows asked with the key", "type": "log"},
        yaxis={"title": SIGNALS[signal][1], "rangemode": "tozero"},
    )
    st.plotly_chart(
        figure,
        key="monitor-signals",
        config={"displayModeBar": False},
        alt=f"{SIGNALS[signal][0]} of {len(streams)} streams up to {rows:,} rows; alarm below {limit:.3g}.",
    )
