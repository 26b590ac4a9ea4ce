"""The service keeps to its own description, whatever it is sent."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import positive_data_acceptance

from inversion_core.errors import ServiceUnavailable
from inversion_core.serving.app import create_app
from inversion_core.serving.refusals import CODES
from inversion_core.serving.run import _is_loopback, _listen
from inversion_core.serving.service import Limits, Service
from tests.serving.toy import Running, serving

SCHEMA = schemathesis.openapi.from_dict(create_app(cast(Service, None)).openapi())
"""The description as schemathesis reads it; it needs no service to be made."""


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Serve with limits and a budget that the fuzz runs into."""
    url = f"sqlite:///{tmp_path_factory.mktemp('fuzz') / 'runs.sqlite'}"
    with serving(url, limits=Limits(rows=4), query_budget=20) as running:
        yield running


@SCHEMA.parametrize()
@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_nothing_is_answered_that_is_not_described(case: Any, fuzzed: Running) -> None:
    # A schema cannot say how many pixels the model's pictures have, so what fits it may still be refused.
    case.call_and_validate(base_url=fuzzed.url, excluded_checks=[positive_data_acceptance])


def test_every_refusal_is_described_where_it_can_come(running: Running) -> None:
    told = running.client.get(running.url + "/openapi.json").json()
    predict = told["paths"]["/v1/predict"]["post"]
    statuses = {str(status) for status, _ in CODES.values()} - {"404", "405"}
    assert set(predict["responses"]) == statuses | {"200"}
    assert all(one["description"] for one in predict["responses"].values())
    assert "Retry-After" in predict["responses"]["429"]["headers"]
    assert set(predict["requestBody"]["content"]) == {"application/json", "image/png"}
    assert told["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert predict["security"] and len(told["info"]["description"]) > 200


def test_a_taken_port_is_one_sentence(running: Running) -> None:
    with pytest.raises(ServiceUnavailable, match=r"cannot be had .+; name others with --host"):
        _listen("127.0.0.1", int(running.url.rpartition(":")[2]))


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("example.org", False)],
)
def test_what_other_machines_can_reach_is_known(host: str, loopback: bool) -> None:
    assert _is_loopback(host) is loopback
