"""One picture on the page, always PNG and always with words for who cannot see it.

It travels with the page instead of under an address of its own: such an address opens without any check for
whoever has it, and is gone when a slow browser asks for a frame that the attack has left behind.
"""

import struct
from base64 import b64encode
from typing import Literal

import streamlit as st


def picture(
    png: bytes, *, alt: str, caption: str | None = None, width: int | Literal["stretch"] = "stretch"
) -> None:
    """Show a PNG as wide as its place, or `width` pixels wide."""
    st.image(address(png), caption, width=width, alt=alt)


def address(png: bytes) -> str:
    """Return a PNG as an address that holds all of it."""
    return "data:image/png;base64," + b64encode(png).decode()


def size(png: bytes) -> tuple[int, int]:
    """Return width and height in pixels, from the head of the file."""
    width, height = struct.unpack(">II", png[16:24])
    return width, height
