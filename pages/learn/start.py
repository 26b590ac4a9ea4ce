"""Start: a recovered person beside the hidden photo, a guess, a dial, three doors; from stored evidence."""

import streamlit as st

from inversion_core.errors import StoreUnavailable
from inversion_core.metrics.verdict import Finding, verdict
from pages.ui import address, evidence, glossary, places, scores, words
from pages.ui.evidence import Evidence, Stop
from pages.ui.guard import require
from pages.ui.lineup import STRANGERS, lineup
from pages.ui.picture import picture
from pages.ui.tiles import ATTACKER, TRUTH, strip


def page() -> None:
    """Paint the page from the shipped evidence."""
    st.title("What can be read back out of a face model?", anchor=False)
    words.question(
        "Someone trains a model to tell 100 people apart, deletes the photos and passes the model on. "
        "This is what an attacker recovers from the model alone."
    )
    cast = evidence.casting()
    hero(cast.person)
    st.space("medium")
    turn = st.session_state.get("lineup", 0) % len(cast.lineups)
    lineup(
        evidence.load(evidence.DIAL[0]),
        cast.lineups[turn],
        evidence.bystanders()[turn * STRANGERS : (turn + 1) * STRANGERS],
    )
    st.button("Another six", key="another", icon=":material/refresh:", on_click=_next_lineup)
    st.space("medium")
    doors()


def hero(person: int) -> None:
    """Show one person, true and recovered, under the dial's defence; three stored runs, nothing computed."""
    pictures, beside = st.columns([6, 5], gap="large")
    with beside:
        place = st.container()
        stop = dial()
    shown = evidence.load(stop)
    with pictures:
        picture(
            strip([(shown.originals[person], TRUTH), (shown.recovered[person], ATTACKER)], side=320),
            alt=f"Left, one person; right, what the attacker recovered of them from the model. {stop.label}.",
        )
        words.legend([words.TRUTH, ("attacker", "recovered from the model")])
        words.quiet(
            f"{shown.result['victims'][person]['name']}, the median of {len(shown.recovered)} people without "
            "defence: half came out better, half worse."
        )
    with place:
        summary(shown)


def dial() -> Stop:
    """Let the visitor choose one of three defences."""
    stops = {stop.name: stop for stop in evidence.DIAL}
    address.restore("dial", list(stops), evidence.DIAL[0].name)
    name = st.segmented_control(
        "Turn the defence dial",
        list(stops),
        format_func=lambda name: stops[name].label,
        required=True,
        wrap=True,
        key="dial",
        on_change=address.keep,
        args=("dial",),
    )
    stop = stops[str(name)]
    words.quiet(stop.sentence)
    return stop


def summary(shown: Evidence) -> None:
    """Say what the run came down to, what the defence cost, and what this does not show."""
    told = verdict(shown.result)
    st.badge("synthetic people", icon=":material/palette:", color="gray")
    words.verdict(
        told.sentence, side="attacker" if told.finding in (Finding.RECOVERED, Finding.PARTLY) else "defender"
    )
    headline = scores.find(shown.result["scores"], scores.HEADLINE)
    if headline is not None:
        words.facts(
            {
                "recognised": scores.number(headline, headline["value"]),
                "95 % interval": scores.interval(headline),
                "guessing": scores.number(headline, headline["baseline"]),
                "model's accuracy": words.percent(shown.result["target"]["test_accuracy"]),
            }
        )
    with st.container(horizontal=True):
        scores.not_shown(told.not_shown, key="hero-limits")
        glossary.terms(
            "inversion", "judge", "interval", "baseline", "held-out", "synthetic", key="hero-words"
        )


def doors() -> None:
    """Offer the three ways on."""
    st.header("Three ways on", anchor=False)
    run, read, learn = st.columns(3, gap="medium")
    with run.container(border=True, height="stretch"):
        st.markdown("**Run the lab**")
        words.quiet("Choose a model, a defence and an attack, press one button, and watch the faces form.")
        st.space("stretch")
        st.page_link(places.ATTACK, label="Attack a model", icon=":material/target:")
    with read.container(border=True, height="stretch"):
        st.markdown("**Read the evidence**")
        words.quiet(
            "Every person of the run above, every score with its interval, and what the attacker used."
        )
        st.space("stretch")
        st.page_link(
            places.RUN,
            label="Open the stored run",
            icon=":material/description:",
            query_params={"evidence": evidence.DIAL[0].name},
        )
    with learn.container(border=True, height="stretch"):
        st.markdown("**Learn to read it**")
        words.quiet("Five questions to ask of any picture that is said to come out of a model.")
        st.space("stretch")
        if st.button("How to read a result", key="how-to-read", icon=":material/menu_book:", type="tertiary"):
            how_to_read()


@st.dialog("How to read a result", width="large")
def how_to_read() -> None:
    """Explain the order in which to look at a run."""
    st.markdown(
        "1. **Who judges?** Look for the independent judge. An attack always convinces the model it was made "
        "against; only a second network, or you, can say whom the picture shows.\n"
        "2. **Against what?** Every score has a baseline, the number without the model, and most have a "
        "control, the number for real photos. Only what lies beyond the baseline was read out of the model.\n"
        "3. **How sure?** The interval says where the number would lie with other people like these.\n"
        "4. **Best or typical?** The best face of many proves little. Look at the median person.\n"
        "5. **What was given?** The attacker's ledger lists access, queries and what was known before."
    )
    for entry in glossary.entries().values():
        st.markdown(f"**{entry.term}**. {entry.text}")


def _next_lineup() -> None:
    st.session_state["lineup"] = st.session_state.get("lineup", 0) + 1


require()
try:
    page()
except StoreUnavailable as error:
    st.error(str(error), icon=":material/error:")
