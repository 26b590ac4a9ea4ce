"""A model behind an HTTP address: our own prediction service, or any other that a small mapping describes."""

import base64
import json
import os
import re
from typing import Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor
from torch.nn.functional import one_hot

from inversion_core import pictures
from inversion_core.errors import QueryBudgetExceeded, TargetUnavailable
from inversion_core.keys import content_key
from inversion_core.targets.base import RemoteTarget, TargetCard
from inversion_core.targets.endpoint import Endpoint, read_url, require_listed
from inversion_core.values import Access

BYTES_OF_A_SCORE = 64
"""More than a number takes in any JSON."""
ANSWER_ROOM = 65_536
"""Bytes an answer may have beside its numbers."""


class HTTPTarget(RemoteTarget):
    """A model that somebody serves at an address: asked over the network, as any of its callers could.

    The defaults describe the service that `serve` starts. Only hosts that this installation lists are asked,
    and only with your word that you may test them. The metrics that ask the attacked model are left out: they
    would spend its budget and send it private photos.
    """

    name = "http-target"
    title = "A model behind an HTTP address"

    class Params(RemoteTarget.Params):
        """Where it is, how it is asked, and what it answers."""

        url: str = Field(
            "http://127.0.0.1:8600/v1/predict",
            max_length=2000,
            description="Address that predictions are asked at; no secret in it.",
        )
        may_test: bool = Field(False, description="I may test this endpoint: its owner agrees to it.")
        token_env: str = Field(
            "", description="Name of the environment variable that holds the key; empty for no key."
        )
        auth_header: str = Field(
            "Authorization", pattern=r"^[A-Za-z0-9-]{1,64}$", description="Header that the key travels in."
        )
        auth_scheme: str = Field(
            "Bearer", pattern=r"^[A-Za-z0-9-]{0,32}$", description="Word before the key; empty for none."
        )
        request: Literal["tensor", "images", "png"] = Field(
            "tensor",
            description="tensor: raw numbers, as our own service takes them; images: JSON with a list of "
            "PNGs in base64; png: one PNG as the body.",
        )
        request_field: str = Field(
            "images", min_length=1, max_length=64, description="Field of that list, for images."
        )
        response_path: str = Field(
            "scores",
            pattern=r"^[\w*-]+(\.[\w*-]+)*$",
            description="Where the answer lies: field names and places joined by dots, * for each of a list.",
        )
        releases: Literal["scores", "labels"] = Field(
            "scores", description="What lies there: K scores a row, or the number of the winning class."
        )
        batch_size: int = Field(512, ge=1, le=16384, description="Rows asked at once.")
        timeout: float = Field(60.0, gt=0, le=600, description="Seconds for one answer.")
        patience: float = Field(
            180.0, ge=0, le=3600, description="Seconds waited for a busy service, a request."
        )

    params: Params
    _endpoint: Endpoint

    def objections(self, access: Access) -> list[str]:
        """Return every reason why it cannot be asked at this access level."""
        params, found = self.params, []
        if not params.may_test:
            found.append(
                "target.params.may_test: confirm that you may test this endpoint by setting it to true"
            )
        try:
            require_listed(read_url(params.url))
        except TargetUnavailable as error:
            found.append(f"target.params.url: {error}")
        if params.token_env and not re.fullmatch(r"[A-Z][A-Z0-9_]{0,63}", params.token_env):
            found.append(
                "target.params.token_env: the name of an environment variable is capitals, digits and "
                "underscores; what was given is none and not repeated here: a key itself belongs into the "
                "environment"
            )
        if access not in (Access.SCORES, Access.LABELS):
            found.append(
                f"exposure.access: a service gives scores or labels, {access} needs the model itself; "
                "choose scores or labels"
            )
        elif access is Access.SCORES and params.releases == "labels":
            found.append("exposure.access: this service releases labels, scores were asked; choose labels")
        return found

    def connect(self, dataset: str, input_shape: tuple[int, ...], class_count: int) -> None:
        """Check the address and the key; nothing is asked yet."""
        self._endpoint = Endpoint(
            self.params.url, self._headers(), timeout=self.params.timeout, patience=self.params.patience
        )
        self._answered = 0
        self.input_shape, self.class_count = input_shape, class_count
        self.card = TargetCard(
            key=content_key([self.name, self.params.model_dump(mode="json")]),
            dataset=dataset,
            target=self.name,
            input_shape=input_shape,
            class_count=class_count,
            train_photos=0,
            photos_per_class=0,
            train_accuracy=None,
            test_accuracy=None,
            test_photos=0,
            parameters=0,
            seconds=0,
        )

    def predict(self, inputs: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, K) scores as released, or 1 for the winning class where only it is.

        Pictures travel with 8 bits a channel. Raises QueryBudgetExceeded, TargetUnavailable.
        """
        size = 1 if self.params.request == "png" else self.params.batch_size
        parts: list[Tensor] = []
        for part in pictures.to_bytes(inputs).split(size):
            try:
                parts.append(self._ask(part))
            except QueryBudgetExceeded as error:
                raise QueryBudgetExceeded(str(error), answered=sum(map(len, parts))) from error
        return torch.cat(parts)

    def ledger(self) -> list[dict[str, str]]:
        """Return the permission and the traffic."""
        sent = f"{self._endpoint.requests:,} requests for {self._answered:,} rows"
        again = f", {self._endpoint.retries:,} of them again after a wait" if self._endpoint.retries else ""
        return [
            {"used": f"the service at {self._endpoint.place.shown}", "amount": sent + again},
            {"used": "permission to test it", "amount": "given: I may test this endpoint"},
            {
                "used": "rows asked for the metrics",
                "amount": "none: a service elsewhere is asked by the attack alone",
            },
        ]

    def _headers(self) -> dict[str, str]:
        name = self.params.token_env
        if not name:
            return {}
        token = os.environ.get(name, "").strip()
        if not token or not token.isascii() or not token.isprintable():
            raise TargetUnavailable(
                f"the key is read from the environment variable {name}, which is not set to one in this "
                "process; set it where the app or the command line is started"
            )
        return {self.params.auth_header: f"{self.params.auth_scheme} {token}".strip()}

    def _ask(self, images: Tensor) -> Tensor:
        """(N, C, H, W) uint8 -> (N, K)."""
        body, media_type = self._body(images)
        most = ANSWER_ROOM + BYTES_OF_A_SCORE * len(images) * (self.class_count + 1)
        answer = self._endpoint.post(body, media_type, most)
        scores = self._read(answer, len(images))
        self._answered += len(images)
        return scores

    def _body(self, images: Tensor) -> tuple[bytes, str]:
        if self.params.request == "png":
            return pictures.png(images[0]), "image/png"
        if self.params.request == "images":
            files = [base64.b64encode(pictures.png(one)).decode() for one in images]
            return json.dumps({self.params.request_field: files}).encode(), "application/json"
        data = base64.b64encode(images.contiguous().numpy().tobytes()).decode()
        return json.dumps(
            {"tensor": {"data": data, "shape": list(images.shape)}}
        ).encode(), "application/json"

    def _read(self, answer: object, rows: int) -> Tensor:
        found = _follow(answer, self.params.response_path.split("."))
        if found is None:
            raise TargetUnavailable(self._told("nothing lies there"))
        wanted = (rows, self.class_count) if self.params.releases == "scores" else (rows,)
        try:
            values = np.array(found)
        except ValueError as error:
            raise TargetUnavailable(self._told("rows of unequal length lie there")) from error
        if rows == 1 and values.shape == wanted[1:]:
            values = values[None]
        if values.dtype.kind not in "iuf" or values.shape != wanted:
            raise TargetUnavailable(self._told(f"an array of shape {list(values.shape)} lies there"))
        if not np.isfinite(values).all():
            raise TargetUnavailable(self._told("numbers that are not finite lie there"))
        if self.params.releases == "scores":
            return torch.from_numpy(values.astype(np.float32))
        if values.dtype.kind == "f" or values.min() < 0 or values.max() >= self.class_count:
            raise TargetUnavailable(self._told("other numbers lie there"))
        return one_hot(torch.from_numpy(values.astype(np.int64)), self.class_count).float()

    def _told(self, what: str) -> str:
        kind = (
            f"{self.class_count} numbers a row"
            if self.params.releases == "scores"
            else f"class numbers from 0 to {self.class_count - 1}, one a row,"
        )
        return (
            f"{kind} are expected at {self.params.response_path!r} in the answer of "
            f"{self._endpoint.place.shown}, {what}; correct response_path or releases, "
            "or check which tier the key has"
        )


def _follow(value: object, path: list[str]) -> object:
    """Return what lies at a path, None where nothing does; `*` goes on in each of a list."""
    for place, step in enumerate(path):
        if isinstance(value, list) and step == "*":
            return [_follow(one, path[place + 1 :]) for one in value]
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value
