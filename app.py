"""The server: what `streamlit run app.py` starts. The frame of the pages lies in pages/frame.py.

Two files, because Streamlit takes a folder called `pages` beside the script for its older kind of app until a
first visitor has come: whoever opened a link to /attack on a fresh server was told "Page not found". With the
script inside the folder there is nothing to mistake. It also lets the engine start with the server instead of
with a visitor.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from pages import frame
from pages.ui import engine
from pages.ui.headers import SafeHeaders


@asynccontextmanager
async def lifespan(server: st.App) -> AsyncIterator[None]:
    """Start the engine in the background with the server; it ends with the process."""
    engine.warm_up()
    yield


app = st.App(frame.__file__, lifespan=lifespan, middleware=[Middleware(SafeHeaders)])

if __name__ == "__main__":
    # Run as a script by a test, which has no server.
    frame.show()
