"""Pictures over time, played, paused and scrubbed in the browser: what every such component is made of."""

from typing import Any

import streamlit as st

from inversion_core.settings import ASSETS

_HTML = """
<div class="player {name}">
  <div class="controls">
    <button type="button">Play</button>
    <input type="range" min="0" value="0" aria-label="{moved}">
    <output></output>
  </div>
  <div class="scene" {scene}></div>
</div>
"""


def component(name: str, *, moved: str, scene: str = "") -> Any:
    """Return the component whose scene is assets/theme/<name>.js: `moved` says what its slider moves, `scene`
    is written into the tag of its pictures. A component is one script, so theme/player.js goes before it.
    """
    return st.components.v2.component(
        f"inversion_{name}",
        html=_HTML.format(name=name, moved=moved, scene=scene),
        css=_theme("player.css") + _theme(f"{name}.css"),
        js=_theme("player.js") + _theme(f"{name}.js"),
    )


def _theme(file: str) -> str:
    return (ASSETS / "theme" / file).read_text()
