"""The exhibit of encryption: the server cannot read the questions, and the client's attack goes on."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from inversion_core.registry import attacks_of
from inversion_core.store.runs import RunRecord
from inversion_core.values import Access, Channel, Family, Modality
from pages.ui import cards, scores, words
from pages.ui.cards import Draft
from pages.ui.exhibit import Exhibit, ShownRun
from pages.ui.picture import picture
from pages.ui.tiles import DIFFERENCE, TRUTH, strip

PREFIX = "encryption-"
CHANNELS = {
    Channel.PLAIN.value: ("Plain", "The server reads every question and answer."),
    Channel.HOMOMORPHIC.value: (
        "Homomorphic encryption",
        "The server computes on ciphertexts it cannot read.",
    ),
    Channel.SECRET_SHARED.value: (
        "Secret sharing",
        "Two servers compute, each on numbers that look like noise.",
    ),
}


def form(before: Mapping[str, Any]) -> Draft:
    """Draw the choices, filled in from the scenario `before`, and return the draft."""
    if before:
        chosen = {"channel": before["exposure"]["channel"], "attack": before["attack"]["name"]}
        cards.follow(before, PREFIX, chosen)
    channel = cards.exposure(f"{PREFIX}channel", CHANNELS, default=Channel.SECRET_SHARED.value)
    known = {
        name: kind
        for name, kind in attacks_of(Family.INVERSION, modality=Modality.IMAGE).items()
        if Access.SCORES.covers(kind.needs)
    }
    attack = cards.component("Attack", f"{PREFIX}attack", known, default="nes-latent")
    draft: Draft = {
        "dataset": cards.dataset(before),
        "target": {"name": before.get("target", {}).get("name", "softmax"), "params": {}, "defences": []},
        "exposure": {"access": Access.SCORES.value, "query_budget": None, "defences": [], "channel": channel},
        "attack": {"name": attack, "params": {}},
    }
    cards.defend(draft, cards.first_defence(before), before)
    with st.expander("Advanced settings", icon=":material/tune:", key=f"{PREFIX}advanced"):
        cards.parameters(draft, before, Modality.IMAGE, prefix=PREFIX)
        cards.limits(
            draft, before, whom="People attacked, counted from the first; empty attacks all.", prefix=PREFIX
        )
    return draft


def finished(run: ShownRun) -> None:
    """Draw one run: what a question costs, what the server saw of it, and what stays open."""
    told = run.result.get("channel")
    if told is None:
        words.quiet("The questions of this run travelled plainly: the server read them all.")
        return
    # One column a channel: it fits a phone.
    st.table(rows(told).set_index("a question").T, alt="Time and bytes of a question, hidden and plain.")
    words.quiet(
        f"On {told['photos']} photos the scores differ from the plain ones by at most "
        f"{told['max_abs_difference']:.1e}; {told['same_label']} of {told['photos']} name the same person."
    )
    if seen := run.pictures("server-view-sheet", 1 + len(told["view_correlation"])):
        words.legend(
            [("truth", "the photo that was asked about"), ("difference", "what each server saw of it")]
        )
        bars = [TRUTH] + [DIFFERENCE] * (len(seen) - 1)
        picture(
            strip(list(zip(seen, bars, strict=True))),
            alt="The photo, and beside it the noise that each server saw of it.",
            width=150 * len(seen),
        )
    words.quiet(f"Here {told['server_saw']}.")
    words.quiet(told["protects"])
    words.quiet(told["leaves_open"])


def rows(told: Mapping[str, Any]) -> pd.DataFrame:
    """Return what a question takes, hidden and plain."""
    plain = told["plain"]
    return pd.DataFrame(
        [
            {
                "a question": name,
                "milliseconds": f"{one['ms_per_query']:,.1f}",
                "bytes up": f"{one['bytes_up']:,.0f}",
                "bytes down": f"{one['bytes_down']:,.0f}",
                "between servers": f"{one.get('bytes_between', 0):,.0f}",
                "once, before any": f"{one.get('bytes_setup', 0):,.0f}",
            }
            for name, one in ((CHANNELS[told["name"]][0], told), ("Plain", plain))
        ]
    )


def measured(runs: Sequence[RunRecord]) -> None:
    """Show the same attack through each channel, side by side."""
    found = table(runs)
    if not found.empty:
        st.dataframe(
            found, hide_index=True, alt="The same attack through each channel: people recognised, cost."
        )
        words.quiet(
            "The servers learn nothing of the questions; the client who asks recovers as many people."
        )


def table(runs: Sequence[RunRecord]) -> pd.DataFrame:
    """Return one row a run: channel, victims, rows asked, people recognised, cost of a question."""
    found = []
    for run in runs:
        result = run.result or {}
        judged = scores.find(result.get("scores", []), "evaluator-top1")
        told = result.get("channel")
        if judged is None:
            continue
        found.append(
            {
                "channel": CHANNELS[run.scenario.exposure.channel.value][0],
                "rows asked": f"{result['queries']:,}",
                "recognised": f"{round(judged['value'] * judged['n'])} of {judged['n']}",
                "95 % interval": f"{words.percent(judged['low'])} to {words.percent(judged['high'])}",
                "milliseconds a question": f"{told['ms_per_query']:,.0f}" if told else "",
                "bytes a question": f"{told['bytes_up'] + told['bytes_down']:,.0f}" if told else "",
                "largest difference of a score": f"{told['max_abs_difference']:.0e}" if told else "",
            }
        )
    return pd.DataFrame(found)


EXHIBIT = Exhibit(
    name="encryption",
    family=Family.INVERSION,
    title="Encryption",
    question="Does it stop inversion when the server cannot read what it is asked?",
    claim="likenesses of people, by a client who decrypts the answers",
    access="scores, decrypted by whoever asks",
    cost="as the attack without encryption, and more time and bytes for each question",
    lesson=(
        "Encryption keeps the question from the server. It does not keep the model from whoever "
        "asks, since the answers arrive in full."
    ),
    form=form,
    finished=finished,
    measured=measured,
)
