"""Why a request is not answered: one status, one code for machines, one sentence for people."""

from collections.abc import Mapping

from pydantic import BaseModel, Field

CODES: Mapping[str, tuple[int, str]] = {
    "token-unknown": (401, "The key is missing, malformed, unknown or revoked."),
    "key-blocked": (403, "The key was blocked; the sentence says why."),
    "budget-spent": (403, "The query budget of the key is spent: waiting does not help."),
    "not-found": (404, "There is no such address."),
    "method-not-allowed": (405, "The address is asked in another way."),
    "too-large": (413, "The body, or the number of rows in it, is above the limit."),
    "media-type": (415, "The body is neither application/json nor image/png."),
    "input-invalid": (422, "The body cannot be read as the inputs of this model."),
    "rate-limited": (429, "Too many rows a minute: wait as Retry-After says and ask again."),
    "internal": (500, "The service failed; its operator finds the reason in its output."),
    "overloaded": (503, "Too much is waiting, or the query log cannot be written: try again later."),
}
"""Code -> status and what it means; a client tells by the code whether to wait or to stop."""


class Refused(BaseModel):
    """Every answer that is none."""

    code: str = Field(description="Machine-readable reason: " + ", ".join(CODES) + ".")
    message: str = Field(description="One sentence: the rule, what was given, what to do.")


class Refusal(Exception):
    """A request is not answered; raised anywhere, turned into a response in one place."""

    def __init__(self, code: str, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = CODES[code][0]
        self.message = message
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that belong to the status."""
        found = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return found | ({"WWW-Authenticate": "Bearer"} if self.status == 401 else {})
