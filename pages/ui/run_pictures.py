"""The pictures of a finished run: best and median person, everybody in pages, and the replay."""

import streamlit as st

from inversion_core.metrics.victims import ordered
from inversion_core.trials.driver import SHOWN
from pages.ui import library, words
from pages.ui.picture import picture
from pages.ui.replay import KeyFrame, replay
from pages.ui.shown import Shown
from pages.ui.tiles import ATTACKER, TRUTH, blurred, strip

PER_PAGE = 12
ORDERS = {"listed": "as listed", "best": "best first", "worst": "worst first"}
REPLAYED = 6
"""People replayed at most: each adds a row to what is sent to the browser."""


def best_and_median(shown: Shown) -> None:
    """Show the person recovered best and, as large, the one in the middle: the best alone proves little."""
    words.legend([words.TRUTH, ("attacker", "recovered")])
    for column, place, title in zip(
        st.columns(2, gap="large"),
        (shown.best(), shown.median()),
        ("Recovered best", "Median person"),
        strict=True,
    ):
        with column:
            st.markdown(f"**{title}**")
            _pair(shown, place, side=256)


def everybody(shown: Shown) -> None:
    """Show all people, a page at a time."""
    st.header("Everybody", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = st.segmented_control(
            "Order",
            list(ORDERS),
            default="listed",
            format_func=ORDERS.__getitem__,
            required=True,
            key="order",
            wrap=True,
        )
        only = st.segmented_control(
            "Show", ["all", "missed"], default="all", required=True, key="only", wrap=True,
            format_func={"all": "all people", "missed": "not recognised"}.__getitem__,
        )  # fmt: skip
    places = _ordered(shown, str(order))
    if only == "missed":
        places = [place for place in places if shown.rows[place]["evaluator_rank"] != 1]
    if not places:
        words.quiet("The independent judge recognised everybody.")
        return
    pages = -(-len(places) // PER_PAGE)
    page = st.pagination(pages, key="people-page") if pages > 1 else 1
    with st.grid(4, min_column_width=150, gap="small"):
        for place in places[(page - 1) * PER_PAGE : page * PER_PAGE]:
            with st.container(gap="xsmall"):
                _pair(shown, place, side=128)


def replayed(shown: Shown) -> None:
    """Offer the key frames of a few people, played in the browser."""
    if len(shown.frames) < 2:
        return
    st.header("How it formed", anchor=False)
    count = min(SHOWN, len(shown.rows))
    wanted = [place for place in (shown.best(), shown.median()) if place < count]
    chosen = st.multiselect(
        "People",
        range(count),
        default=sorted({*wanted, *range(3)} if len(wanted) < 2 else set(wanted))[:REPLAYED],
        format_func=lambda place: shown.rows[place]["name"],
        max_selections=REPLAYED,
        key="replayed",
    )
    if not chosen:
        words.quiet("Choose somebody to replay.")
        return
    frames = []
    for frame in shown.frames:
        cut = library.sheet(frame.sha256, count)
        tiles = [blurred(cut[place]) if shown.hidden else cut[place] for place in chosen]
        frames.append(KeyFrame(frame.step, frame.loss, tiles))
    names = [shown.rows[place]["name"] for place in chosen]
    replay(
        names, [shown.originals[place] for place in chosen], frames, total=shown.frames[-1].step, key="replay"
    )


def _pair(shown: Shown, place: int, *, side: int) -> None:
    row = shown.rows[place]
    picture(
        strip([(shown.originals[place], TRUTH), (shown.recovered[place], ATTACKER)], side=side),
        alt=f"{row['name']}: left the truth, right what was recovered.",
    )
    rank = row["evaluator_rank"]
    judged = "✓ recognised" if rank == 1 else f"✗ ranked {words.ordinal(rank)}"
    family = f", {row['family']}" if row["family"] else ""
    words.quiet(f"{row['name']}{family}: {judged}")


def _ordered(shown: Shown, order: str) -> list[int]:
    places = list(range(len(shown.rows)))
    if order == "listed":
        return places
    ranked = [shown.place(row) for row in ordered(shown.rows)]
    return ranked if order == "best" else ranked[::-1]
