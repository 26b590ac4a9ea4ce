"""Keys, budgets and rates: who may ask, how much and how fast, and that the walls stand under load."""

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from limits import RateLimitItemPerSecond
from typer.testing import CliRunner

from inversion_core.cli import app
from inversion_core.errors import UnknownName
from inversion_core.serving import limiter
from inversion_core.serving.service import Limits
from inversion_core.store.api_keys import ANONYMOUS, Charge, KeyStore, Tier
from inversion_core.store.database import Database
from tests.serving.test_predict import images, tensor_body
from tests.serving.toy import Running, serving

ONE = tensor_body(images(1))


def test_a_token_is_found_again_and_kept_nowhere(running: Running, tmp_path: Path) -> None:
    key, token = running.keys.add("ada", Tier.PARTNER)
    assert running.keys.find(token) == key
    secret = token.split("_", 2)[2]
    files = b"".join(file.read_bytes() for file in tmp_path.glob("runs.sqlite*"))
    assert secret.encode() not in files and hashlib.sha256(secret.encode()).hexdigest().encode() in files
    assert len(secret) >= 43  # 256 bits in base64


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("a" if token[-1] != "a" else "b"),
        lambda token: token.replace("il_", "xx_"),
        lambda token: "il__" + token.split("_", 2)[2],
        lambda token: f"il_{ANONYMOUS}_",
        lambda token: "",
        lambda token: "x" * 5000,
    ],
)
def test_a_token_nobody_was_given_opens_nothing(running: Running, change: object) -> None:
    token = change(running.token)  # type: ignore[operator]
    refused = running.post(ONE, token or "-")
    assert refused.status_code == 401 and refused.json()["code"] == "token-unknown"
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert running.keys.find(token) is None


def test_without_a_key_nobody_is_answered_where_the_operator_says_so(store_url: str) -> None:
    with serving(store_url, limits=Limits(anonymous=False)) as running:
        refused = running.post(ONE, token=None)
        assert refused.status_code == 401 and "a key is needed" in refused.json()["message"]
        assert running.post(ONE).status_code == 200


def test_a_revoked_key_is_unknown_and_a_blocked_one_is_told_why(running: Running) -> None:
    key, token = running.keys.add("ada", Tier.PARTNER)
    assert running.post(ONE, token).status_code == 200
    running.keys.block(key.id, "its queries look like an attack")
    refused = running.post(ONE, token)
    assert refused.status_code == 403 and refused.json() == {
        "code": "key-blocked", "message": "the key was blocked: its queries look like an attack"
    }  # fmt: skip
    running.keys.unblock(key.id)
    assert running.post(ONE, token).status_code == 200
    running.keys.revoke(key.id)
    assert running.post(ONE, token).status_code == 401
    assert running.keys.get(key.id).spent == 2
    with pytest.raises(UnknownName, match="'nobody' is none"):
        running.keys.block("nobody", "")


def test_the_budget_is_a_wall_that_outlives_the_service(store_url: str) -> None:
    with serving(store_url) as running:
        token = running.token_of(Tier.PARTNER, budget=10)
        assert running.post(tensor_body(images(8)), token).status_code == 200
        refused = running.post(tensor_body(images(3)), token)
        assert refused.status_code == 403 and refused.json()["code"] == "budget-spent"
        assert "query budget is 10, 8 spent, 3 more asked for" in refused.json()["message"]
        assert "Retry-After" not in refused.headers
    with serving(store_url) as again:
        assert again.post(tensor_body(images(2)), token).status_code == 200
        assert again.post(ONE, token).json()["code"] == "budget-spent"
        assert 10 in {key.spent for key in again.keys.all()}


def test_the_exposures_budget_is_that_of_keys_without_their_own(store_url: str) -> None:
    with serving(store_url, query_budget=4) as running:
        rich = running.token_of(Tier.PARTNER, budget=50)
        assert running.post(tensor_body(images(5))).json()["code"] == "budget-spent"
        assert running.post(tensor_body(images(4))).status_code == 200
        assert running.post(tensor_body(images(5)), rich).status_code == 200


def test_many_at_once_never_get_more_than_the_budget(running: Running) -> None:
    token = running.token_of(Tier.PARTNER, budget=25)
    with ThreadPoolExecutor(16) as pool:
        statuses = [answer.status_code for answer in pool.map(lambda _: running.post(ONE, token), range(60))]
    assert statuses.count(200) == 25 and statuses.count(403) == 35
    assert max(key.spent for key in running.keys.all()) == 25


def test_two_processes_share_one_wall(store_url: str) -> None:
    first, second = Database(store_url), Database(store_url)
    key, _ = KeyStore(first).add("ada", Tier.PARTNER, budget=50)
    with ThreadPoolExecutor(8) as pool:
        stores = [KeyStore(first), KeyStore(second)]
        paid = pool.map(lambda n: stores[n % 2].charge([Charge(key.id, 1)] * 4), range(25))
        assert sum(map(sum, paid)) == 50
    assert KeyStore(second).get(key.id).spent == 50
    first.close()
    second.close()


def test_a_rate_is_told_with_the_seconds_to_wait_and_they_are_enough(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "RateLimitItemPerMinute", lambda rate: RateLimitItemPerSecond(rate, 2))
    token = running.token_of(Tier.PARTNER, rate=5)
    assert running.post(tensor_body(images(4)), token).status_code == 200
    refused = running.post(tensor_body(images(2)), token)
    assert refused.status_code == 429 and refused.json()["code"] == "rate-limited"
    assert running.post(ONE, token).status_code == 200  # the refused rows cost nothing
    time.sleep(int(refused.headers["Retry-After"]))
    assert running.post(tensor_body(images(5)), token).status_code == 200
    refused = running.post(tensor_body(images(6)), token)
    assert refused.status_code == 413 and "5 rows a minute, 6 were sent at once" in refused.json()["message"]
    assert running.keys.find(token).spent == 10  # type: ignore[union-attr]


def test_the_command_line_makes_lists_and_takes_back_keys(store_url: str) -> None:
    def invoke(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["key", *arguments, "--store", store_url])
        assert done.exit_code == 0, done.stderr
        return done.stdout.strip()

    assert "no keys" in invoke("list")
    token = invoke("add", "Ada", "--tier", "partner", "--budget", "500", "--rate", "60")
    key_id = token.split("_")[1]
    shown = invoke("list")
    assert key_id in shown and "of 500" in shown and token not in shown
    invoke("revoke", key_id)
    assert "revoked" in invoke("list")
    (row,) = json.loads(invoke("list", "--json"))
    assert row["id"] == key_id and "hash" not in row and row["rate"] == 60


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["add", "x", "--tier", "anonymous"], "tier is authenticated or partner, 'anonymous' was given"),
        (["revoke", "nobody"], "'nobody' is none"),
    ],
)
def test_a_wrong_word_about_keys_is_one_sentence(store_url: str, arguments: list[str], told: str) -> None:
    done = CliRunner().invoke(app, ["key", *arguments, "--store", store_url])
    assert done.exit_code == 2 and told in done.stderr
