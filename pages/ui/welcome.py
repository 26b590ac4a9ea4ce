"""What stands on the Attack page before the first run: a stored one, to show what to expect."""

import streamlit as st

from inversion_core.errors import StoreUnavailable
from pages.ui import evidence, words
from pages.ui.live import COLUMNS
from pages.ui.picture import picture
from pages.ui.tiles import ATTACKER, DIFFERENCE, TRUTH, difference, strip


def expect() -> None:
    """Show the end of a stored run as what to expect."""
    st.header("Your run appears here", anchor=False)
    try:
        stored = evidence.load(evidence.DIAL[0])
    except StoreUnavailable as error:
        st.error(str(error), icon=":material/error:")
        return
    words.quiet("Until then, the end of a stored run against the undefended model.")
    words.legend(
        [
            words.TRUTH,
            ("attacker", "recovered"),
            ("difference", "difference"),
        ]
    )
    with st.grid(COLUMNS, min_column_width=92, gap="xsmall"):
        for real, formed, row in list(
            zip(stored.originals, stored.recovered, stored.result["victims"], strict=True)
        )[:COLUMNS]:
            picture(
                strip(
                    [(real, TRUTH), (formed, ATTACKER), (difference(real, formed), DIFFERENCE)], upright=True
                ),
                caption=row["name"],
                alt=f"{row['name']}: the truth, what was recovered, and their difference.",
            )
