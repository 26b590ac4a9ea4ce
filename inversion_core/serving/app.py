"""The HTTP face of the service; the only importer of FastAPI."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from inversion_core.serving.bodies import JSON, PNG, PredictRequest
from inversion_core.serving.refusals import CODES, Refusal, Refused
from inversion_core.serving.service import Service, Visit
from inversion_core.serving.tiers import Released

PREDICT, CARD = "/v1/predict", "/v1/card"

ABOUT = """Predictions of one model, for callers with and without a key.

Send the key as `Authorization: Bearer <key>`; its tier decides what is released: the label alone, the highest
scores rounded, or every score. Each key has a budget of rows and a rate of rows a minute. Every request is
logged with a small fingerprint of its inputs. An answer that is none is JSON with a `code` for machines and a
`message` for people.
"""

log = logging.getLogger(__name__)


class PredictAnswer(BaseModel):
    """One entry a row, in the order of the request."""

    labels: list[int] = Field(description="The winning class of each row.")
    scores: list[list[float]] | None = Field(
        description="A score for each class, as released to your tier; null where only labels are released."
    )


class ColumnCard(BaseModel):
    """A column of a table."""

    name: str
    levels: list[str] | None = Field(description="Values of a categorical column in code order, else null.")


class OwnCard(BaseModel):
    """What the service knows of the caller."""

    tier: str
    rows_per_minute: int
    budget: int | None = Field(description="Rows this key may ever ask; null for no end.")
    spent: int = Field(description="Rows it has asked.")


class ServiceCard(BaseModel):
    """What a caller needs to know before asking."""

    target: str = Field(description="Kind of model.")
    modality: str = Field(description="image or table.")
    input_shape: list[int] = Field(description="C, H, W of a picture; the number of columns of a record.")
    class_count: int
    columns: list[ColumnCard]
    test_accuracy: float | None = Field(description="Share of held-out inputs it gets right.")
    released: dict[str, str] = Field(description="What each tier is answered.")
    rows_per_request: int
    body_bytes: int
    you: OwnCard


BEARER = HTTPBearer(
    auto_error=False, scheme_name="key", description="A key of this service; without one, labels at most."
)
"""Only documents the header: `Service.identify` reads it."""
NO_KEY: list[dict[str, list[str]]] = [{}]
"""The other way in, beside a key."""


def _told(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of refusals by status."""
    found: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        status, meaning = CODES[code]
        before = found.get(status, {}).get("description", "")
        found[status] = {"model": Refused, "description": f"{before} `{code}`: {meaning}".strip()}
    for status, headers in {429: ["Retry-After"], 503: ["Retry-After"], 401: ["WWW-Authenticate"]}.items():
        if status in found:
            found[status]["headers"] = {name: {"schema": {"type": "string"}} for name in headers}
    return found


def _body() -> dict[str, Any]:
    """Return the OpenAPI text of a prediction's body, references written out."""
    schema = PredictRequest.model_json_schema()
    parts = schema.pop("$defs")

    def whole(value: Any) -> Any:
        if isinstance(value, list):
            return [whole(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return whole(parts[value["$ref"].rsplit("/", 1)[1]])
        return {key: whole(one) for key, one in value.items()}

    picture = {"schema": {"type": "string", "format": "binary", "description": "One picture."}}
    return {"required": True, "content": {JSON: {"schema": whole(schema)}, PNG: picture}}


def create_app(service: Service) -> FastAPI:
    """Return the application; its life starts and ends the service."""

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        service.close()

    # The usual pages of documentation load their scripts from elsewhere; the text itself is at /openapi.json.
    app = FastAPI(
        title="Prediction service",
        version="1",
        description=ABOUT,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
    )
    app.add_exception_handler(Refusal, _refuse)
    app.add_exception_handler(HTTPException, _refuse_route)
    app.add_exception_handler(RequestValidationError, _refuse_parameters)

    @app.post(
        PREDICT,
        summary="Ask the model",
        description="Inputs as JSON (`images`, `tensor` or `records`), or one PNG as the body.",
        response_model=PredictAnswer,
        responses=_told(
            "token-unknown", "key-blocked", "budget-spent", "too-large", "media-type", "input-invalid",
            "rate-limited", "internal", "overloaded",
        ),
        openapi_extra={"requestBody": _body(), "security": NO_KEY},
        dependencies=[Security(BEARER)],
    )  # fmt: skip
    async def predict(request: Request) -> Response:
        visit = Visit(PREDICT)
        try:
            released = await _ask(service, request, visit)
        except Exception as error:
            refusal = _as_refusal(error)
            await service.note(visit, refusal.status, refusal.code)
            raise refusal from error
        await service.note(visit, 200)
        return Response(_written(released), media_type=JSON)

    @app.get(
        CARD,
        summary="What is served, to whom",
        responses=_told("token-unknown", "key-blocked", "internal"),
        openapi_extra={"security": NO_KEY},
        dependencies=[Security(BEARER)],
    )
    async def card(request: Request) -> ServiceCard:
        return ServiceCard.model_validate(service.card(_caller(service, request)))

    return app


async def _ask(service: Service, request: Request, visit: Visit) -> Released:
    caller = _caller(service, request)
    visit.key_id = caller.key.id
    body = await _read(request, service.limits.body_bytes)
    return await service.answer(visit, caller, body, request.headers.get("content-type", ""))


def _caller(service: Service, request: Request) -> Any:
    address = request.client.host if request.client else "nowhere"
    return service.identify(request.headers.get("authorization"), address)


async def _read(request: Request, most: int) -> bytes:
    """Return the body; stops reading where it is longer than allowed, whatever its header said."""
    told = f"a body has at most {most:,} bytes, more were sent; send fewer rows at once"
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise Refusal("too-large", told)
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > most:
                raise Refusal("too-large", told)
    except ClientDisconnect as error:
        raise Refusal("input-invalid", "the body ended before it was whole") from error
    return bytes(body)


def _written(released: Released) -> bytes:
    """Return the answer as JSON: each float32 comes back from it as it was."""
    scores = None if released.scores is None else released.scores.tolist()
    return to_json({"labels": released.labels.tolist(), "scores": scores})


def _as_refusal(error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    log.error("a prediction failed", exc_info=error)
    return Refusal("internal", "the service failed on this request; its operator finds why in its output")


def _response(refusal: Refusal) -> Response:
    content = Refused(code=refusal.code, message=refusal.message).model_dump_json()
    return Response(content, refusal.status, refusal.headers, JSON)


async def _refuse(_request: Request, error: Exception) -> Response:
    return _response(_as_refusal(error))


async def _refuse_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        refusal = Refusal("method-not-allowed", f"{request.url.path} is not asked with {request.method}")
        response = _response(refusal)
        response.headers.update(error.headers or {})
        return response
    return _response(Refusal("not-found", f"{PREDICT} and {CARD} are served here; ask one of these"))


async def _refuse_parameters(_request: Request, error: Exception) -> Response:
    return _response(Refusal("input-invalid", f"the request cannot be read: {error}"))
