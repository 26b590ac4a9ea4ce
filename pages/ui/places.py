"""Where the pages lie, for the navigation and for links between them."""

from inversion_core.settings import ROOT

START, ATTACK, ATTRIBUTES, RUNS, RUN, MONITOR, COMPARE, REVIEW, CONTROLS, SHARE, EXHIBITS, STORIES = (
    str(ROOT / "pages" / place)
    for place in (
        "learn/start.py",
        "lab/attack.py",
        "lab/attributes.py",
        "lab/runs.py",
        "lab/run.py",
        "lab/monitor.py",
        "lab/compare.py",
        "review/review.py",
        "review/controls.py",
        "review/share.py",
        "lab/exhibits.py",
        "learn/stories.py",
    )
)
