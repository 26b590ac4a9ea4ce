"""An owner is a browser: the same one after a refresh, another one next door, nobody's token in the store."""

import pytest

from pages.ui import owner

TOKEN = bytes(range(16))


def cookie(mask: bytes, token: bytes = TOKEN) -> str:
    """Return the cookie as Streamlit writes it: masked anew for each answer."""
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(token))
    return f"2|{mask.hex()}|{masked.hex()}|1700000000"


def test_the_token_is_the_same_under_every_mask() -> None:
    assert owner._token(cookie(b"abcd")) == owner._token(cookie(b"\x00\x01\xfe\xff")) == TOKEN


@pytest.mark.parametrize(
    "broken", ["", "2|zz|00|1", "1|00|00|1", "2||00|1", "2|00||1", "2|00|00", "a|b|c|d|e"]
)
def test_a_damaged_cookie_is_no_owner(broken: str) -> None:
    assert owner._token(broken) is None


def test_streamlit_still_writes_the_cookie_this_relies_on() -> None:
    from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
    from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

    assert owner._COOKIE == XSRF_COOKIE_NAME
    assert owner._token(generate_xsrf_token_string(TOKEN, 1)) == TOKEN
