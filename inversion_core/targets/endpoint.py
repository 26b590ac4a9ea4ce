"""One HTTP address, asked with care: the only importer of httpx.

A host is asked only where this installation lists it. Its name is resolved once, the address is checked and
from then on connected to, so that a name that changes its mind leads nowhere else. Redirects are not
followed, proxies of the environment are not used, answers are read up to a size and for a time.
"""

import email.utils
import ipaddress
import re
import socket
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
from pydantic_core import from_json

from inversion_core.errors import QueryBudgetExceeded, TargetUnavailable
from inversion_core.settings import settings

WAIT_ON = (429, 503)
"""Statuses after which the same question may be asked again."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds waited where a service does not say how long; doubled each time."""
SPENT = "budget-spent"
"""The code by which our own service says that waiting does not help."""
DEFAULT_PORTS = {"http": 80, "https": 443}
TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))
"""IPv6 networks whose addresses stand for IPv4 ones that may be private."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Place:
    """Where an URL leads: scheme, host in lower case, port, and the path with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def shown(self) -> str:
        """Host and port, as they are listed."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_url(url: str) -> Place:
    """Return where an URL leads; raises TargetUnavailable, never repeating what may be a password."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, TypeError) as error:
        raise TargetUnavailable(
            "url is an address such as http://127.0.0.1:8600/v1/predict, this is none"
        ) from error
    if parsed.scheme not in DEFAULT_PORTS or not parsed.host:
        raise TargetUnavailable(
            f"url begins with http:// or https:// and a host, {parsed.scheme!r} was given"
        )
    if parsed.userinfo:
        raise TargetUnavailable(
            "url holds no name and password; put the token into an environment variable and name that in "
            "token_env"
        )
    port = parsed.port or DEFAULT_PORTS[parsed.scheme]
    return Place(parsed.scheme, parsed.host.lower(), port, parsed.raw_path.decode("ascii"))


def require_listed(place: Place) -> None:
    """Raise TargetUnavailable unless the settings list the host, with or without its port."""
    if not {place.host, place.shown} & _listed():
        raise TargetUnavailable(
            f"only listed hosts are asked, {place.shown} is not listed; "
            f"who runs this installation adds it to INVERSION_ALLOWED_HOSTS={place.shown}"
        )


def resolve(place: Place) -> str:
    """Return the address to connect to, all of the host's addresses checked; raises TargetUnavailable."""
    require_listed(place)
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise TargetUnavailable(
            f"the host of the target, {place.host}, has no address; check the url"
        ) from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    inside = [one for one in addresses if not _is_public(ipaddress.ip_address(one))]
    if inside and place.shown not in _listed():
        raise TargetUnavailable(
            f"{place.host} leads to {inside[0]}, an address inside this network, which is asked only where "
            f"it is listed with its port; add {place.shown} to INVERSION_ALLOWED_HOSTS if that is meant"
        )
    return addresses[0]


def _listed() -> set[str]:
    return {one.strip().lower() for one in settings().allowed_hosts.split(",") if one.strip()}


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return _is_public(address.ipv4_mapped)
        if any(address in network for network in TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


class Endpoint:
    """Posts bodies to one place and returns what it answers, parsed."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        timeout: float,
        patience: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`timeout`: seconds for one answer; `patience`: seconds waited for a busy service, a question.

        Raises TargetUnavailable for a place that is not asked.
        """
        self.place = read_url(url)
        address = resolve(self.place)
        host = f"[{address}]" if ":" in address else address
        self._url = f"{self.place.scheme}://{host}:{self.place.port}{self.place.path}"
        self._headers = {**headers, "Host": self.place.shown, "Accept-Encoding": "identity"}
        self._timeout, self._patience, self._sleep = timeout, patience, sleep
        self._client = httpx.Client(
            timeout=timeout, trust_env=False, limits=httpx.Limits(keepalive_expiry=4.0)
        )
        weakref.finalize(self, self._client.close)
        self.requests = 0
        self.retries = 0

    def post(self, body: bytes, media_type: str, most: int) -> object:
        """Return the JSON answered, of at most `most` bytes, asking again while the service is busy.

        Raises QueryBudgetExceeded where the service says that the budget is spent, else TargetUnavailable.
        """
        waited, wait = 0.0, FIRST_WAIT
        while True:
            status, headers, answer = self._once(body, media_type, most)
            if status == 200:
                return self._parsed(answer)
            code = _code(answer)
            if code == SPENT:
                raise QueryBudgetExceeded(
                    f"the query budget at {self.place.shown} is spent; "
                    "ask its operator for more or lower the attack's queries"
                )
            asked_to_wait = _seconds(headers.get("retry-after", ""))
            pause = wait if asked_to_wait is None else asked_to_wait
            if status not in WAIT_ON or waited + pause > self._patience:
                raise TargetUnavailable(self._why(status, code, pause))
            self._sleep(pause)
            waited, wait = waited + pause, min(2 * wait, LONGEST_WAIT)
            self.retries += 1

    def _once(self, body: bytes, media_type: str, most: int) -> tuple[int, httpx.Headers, bytes]:
        deadline = time.monotonic() + self._timeout
        request = self._client.build_request(
            "POST",
            self._url,
            content=body,
            headers={**self._headers, "Content-Type": media_type},
            extensions={"sni_hostname": self.place.host},
        )
        self.requests += 1
        answer = bytearray()
        try:
            response = self._client.send(request, stream=True)
            try:
                for part in response.iter_bytes():
                    answer += part
                    if len(answer) > most:
                        raise TargetUnavailable(
                            f"an answer of {self.place.shown} to such a request has at most {most:,} bytes, "
                            "more came; check what it answers"
                        )
                    if time.monotonic() > deadline:
                        raise httpx.ReadTimeout("too slow", request=request)
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise TargetUnavailable(
                f"{self.place.shown} did not answer within {self._timeout:g} s; raise the target's timeout "
                "or lower its batch_size"
            ) from error
        except httpx.HTTPError as error:
            raise TargetUnavailable(
                f"{self.place.shown} cannot be asked ({type(error).__name__}); "
                "check that the service runs there and start the run again"
            ) from error
        return response.status_code, response.headers, bytes(answer)

    def _parsed(self, answer: bytes) -> object:
        try:
            return from_json(answer)
        except ValueError as error:
            raise TargetUnavailable(
                f"{self.place.shown} answers with JSON, this answer is none; check the url of the target"
            ) from error

    def _why(self, status: int, code: str, pause: float) -> str:
        told = f"{self.place.shown} answered {status}" + (f" ({code})" if code else "")
        if status in WAIT_ON:
            return (
                f"{told} and asks to wait {pause:g} s more, the target's patience is {self._patience:g} s; "
                "raise it"
            )
        if status in (401, 403):
            return f"{told}: it wants another key; check the variable named in token_env"
        if 300 <= status < 400:
            return f"{told}, a redirect, and redirects are not followed; name the final url"
        return f"{told}; check the url, the request format and what the service takes"


def _code(answer: bytes) -> str:
    """Return the machine-readable code of a refusal, "" where there is none fit to be shown."""
    try:
        found = from_json(answer)
    except ValueError:
        return ""
    code = found.get("code") if isinstance(found, dict) else None
    return code if isinstance(code, str) and re.fullmatch(r"[a-z-]{1,32}", code) else ""


def _seconds(retry_after: str) -> float | None:
    """Return what Retry-After says, in seconds or as a date; None where it says nothing."""
    if retry_after.isdigit() and len(retry_after) < 10:
        return float(retry_after)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
