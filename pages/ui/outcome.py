"""What a finished run comes down to: a sentence, a meter, the numbers around it and what they do not show."""

import streamlit as st

from inversion_core.metrics.verdict import Finding, verdict
from inversion_core.store.runs import RunRecord
from pages.ui import places, scores, words


def outcome(record: RunRecord) -> None:
    """Show the verdict and the headline of a done run, and link to everything else."""
    result = record.result
    assert result is not None, "a run that is done has a result"
    told = verdict(result)
    words.verdict(told.sentence, side=side(told.finding))
    scores.meter(result)
    with st.container(horizontal=True, vertical_alignment="center"):
        scores.not_shown(told.not_shown, key="outcome-limits")
        st.page_link(
            places.RUN,
            label="Everything about this run",
            icon=":material/description:",
            query_params={"run": record.id},
        )


def side(finding: Finding) -> str:
    """Return in whose colour a finding is told."""
    if finding in (Finding.UNJUDGED, Finding.GUESSABLE, Finding.WORSE):
        return "neither"
    return "attacker" if finding.succeeded else "defender"
