"""Hidden questions: the same scores, nothing to see for who computes, and bytes that were really sent."""

import contextlib
import io
import socket
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from inversion_core.channels import homomorphic, party, secret_sharing
from inversion_core.channels.private import PrivateTarget, affine, reached
from inversion_core.channels.wire import Wire
from inversion_core.choices import Choice, Exposure, TargetChoice
from inversion_core.scenario import Scenario, problems
from inversion_core.targets.architectures import Softmax
from inversion_core.values import Access, Channel

SHAPE, CLASSES = (3, 64, 64), 100
HIDING = [channel for channel in Channel if channel.hides]


@pytest.fixture(scope="module")
def target() -> Softmax:
    made = Softmax()
    made.input_shape, made.class_count = SHAPE, CLASSES
    torch.manual_seed(5)
    made.network = made.build(SHAPE, CLASSES)
    made.network[-1].weight.data *= 20  # scores far from uniform: an error of a logit then shows
    return made


@pytest.fixture(scope="module", params=HIDING)
def channel(request: pytest.FixtureRequest, target: Softmax) -> Iterator[PrivateTarget]:
    with reached(request.param, target) as made:
        assert made is not None
        yield made


def photos(count: int, seed: int = 0) -> torch.Tensor:
    levels = torch.randint(0, 256, (count, *SHAPE), generator=torch.Generator().manual_seed(seed))
    return levels.float() / 255


def test_the_plain_channel_adds_nothing(target: Softmax) -> None:
    with reached(Channel.PLAIN, target) as made:
        assert made is None


def test_scores_are_those_of_the_model(channel: PrivateTarget, target: Softmax) -> None:
    plain = target.predict(photos(3))
    assert plain.max() > 0.5 and plain.max() - plain.min() > 0.4
    assert (channel.predict(photos(3)) - plain).abs().max() < 1e-4


def test_one_map_holds_the_whole_network(target: Softmax) -> None:
    model = affine(target.network, SHAPE)
    with torch.no_grad():
        wanted = target.network(photos(2)).numpy()
    found = photos(2).flatten(1).double().numpy() @ model.weights.T + model.bias
    assert np.abs(found - wanted).max() < 1e-4 and target.network[-1].weight.dtype == torch.float32


def test_what_a_server_was_sent_is_not_the_question_and_fresh_each_time(channel: PrivateTarget) -> None:
    seen = []
    for _ in range(2):
        channel.predict(photos(1))
        seen.append(channel.party.views)
    asked = photos(1).flatten().numpy()
    for first, again in zip(*seen, strict=True):
        assert first != again
        levels = np.frombuffer(first, np.uint8)
        words = levels[7::8] if channel.channel is Channel.SECRET_SHARED else levels[: asked.size]
        assert abs(np.corrcoef(asked, words)[0, 1]) < 0.05


def test_bytes_grow_by_what_one_question_takes(channel: PrivateTarget) -> None:
    counts = []
    for rows in (1, 2):
        before = channel.party.traffic()
        channel.predict(photos(rows))
        after = channel.party.traffic()
        counts.append((after.up - before.up, after.down - before.down))
    (up, down), (up_of_two, down_of_two) = counts
    assert up_of_two == pytest.approx(2 * up, rel=0.02) and down_of_two == pytest.approx(2 * down, rel=0.05)
    if channel.channel is Channel.SECRET_SHARED:
        assert up == 2 * (8 * 12288 + 8) and down == 2 * (8 * CLASSES + 16 + 8)
    else:
        assert up == len(channel.party.views[0]) or up_of_two > 600_000


def test_shares_are_uniform_whatever_the_value_and_add_up_to_it() -> None:
    for value in (0.0, 1.0, -3.5):
        secret = secret_sharing.fixed(np.full(50_000, value), 20)
        for share in secret_sharing.shares(secret):
            assert stats.kstest(share / 2.0**64, "uniform").pvalue > 1e-4
            counts = np.bincount(share.view(np.uint8), minlength=256)
            assert stats.chisquare(counts).pvalue > 1e-4
        first, second = secret_sharing.shares(secret)
        assert (secret_sharing.unfixed(first + second, 20) == value).all()


class Recording(Wire):
    """Keeps all that comes in."""

    def __init__(self, end: socket.socket) -> None:
        super().__init__(end.makefile("rb"), end.makefile("wb"))
        end.close()  # the two files keep the connection open
        self.heard: list[bytes] = []

    def receive(self) -> bytes:
        self.heard.append(super().receive())
        return self.heard[-1]


def shared(question: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, list[list[bytes]]]:
    """Return the product by the protocol, and all messages after setup that each server received."""
    links = {name: [Recording(end) for end in socket.socketpair()] for name in ("c0", "c1", "p", "d0", "d1")}
    (client_0, own_0), (client_1, own_1) = links["c0"], links["c1"]
    playing = [
        threading.Thread(target=quietly, args=(party.serve, 0, own_0, links["p"][0], links["d0"][0])),
        threading.Thread(target=quietly, args=(party.serve, 1, own_1, links["p"][1], links["d1"][0])),
        threading.Thread(target=quietly, args=(party.deal, links["d0"][1], links["d1"][1])),
    ]
    for one in playing:
        one.start()
    bias = np.zeros(len(weights))
    halves = [
        secret_sharing.shares(secret_sharing.fixed(one, bits)) for one, bits in ((weights, 24), (bias, 44))
    ]
    for place, client in enumerate((client_0, client_1)):
        client.send(party.SHAPE.pack(*weights.shape))
        client.send(halves[0][place].tobytes())
        client.send(halves[1][place].tobytes())
    asked = secret_sharing.shares(secret_sharing.fixed(question, 20))
    for client, part in zip((client_0, client_1), asked, strict=True):
        client.send(part.tobytes())
    told = [
        party.ring(client.receive()[: -party.SHAPE.size], len(question)) for client in (client_0, client_1)
    ]
    seen = [
        [own.heard[-1], links["p"][place].heard[-1], *links[f"d{place}"][0].heard[-2:]]
        for place, own in enumerate((own_0, own_1))
    ]
    for ends in links.values():
        for end in ends:
            end.close()
    for one in playing:
        one.join(10)
    return secret_sharing.unfixed(told[0] + told[1], 44), seen


def quietly(play, *wires) -> None:
    with contextlib.suppress(EOFError, OSError, ValueError):  # the test hung up
        play(*wires)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_server_hears_nothing_but_noise_from_anybody(value: float) -> None:
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(7, 2000))
    question = np.full((4, 2000), value)
    answer, seen = shared(question, weights)
    assert np.abs(answer - question @ weights.T).max() < 1e-4
    for heard in seen:
        for message in heard[:3]:  # the share, the other's masked share, the mask: all of the question's size
            words = np.frombuffer(message, np.uint64)
            assert len(words) == question.size
            assert stats.kstest(words / 2.0**64, "uniform").pvalue > 1e-4


def test_one_server_and_the_dealer_know_the_question_and_the_words_say_so() -> None:
    question = np.full((2, 300), 0.5)
    _, ((own_share, others_masked, _, _), (_, _, veil_of_the_other, _)) = shared(question, np.ones((3, 300)))
    parts = [np.frombuffer(part, np.uint64) for part in (own_share, others_masked, veil_of_the_other)]
    undone = secret_sharing.unfixed(parts[0] + parts[1] + parts[2], 20)
    assert (undone == question.ravel()).all(), "the dealer drew the veil of the other server"
    assert "neither server joins the other or the dealer" in secret_sharing.SecretShared.protects
    assert "one with the dealer" in secret_sharing.SecretShared.saw


def test_a_ciphertext_needs_the_key_and_the_server_has_none() -> None:
    asking, other = homomorphic.Client(), homomorphic.Client()
    question = np.linspace(0, 1, homomorphic.SLOTS)
    (sent,) = asking.encrypted(question)
    assert np.abs(asking.decrypted(sent, homomorphic.SLOTS) - question).max() < 1e-6
    assert np.abs(other.decrypted(sent, homomorphic.SLOTS) - question).max() > 1e3
    asking.context.close()
    other.context.close()


def test_a_wire_counts_lengths_and_contents_and_tells_of_the_end() -> None:
    written = io.BytesIO()
    sending = Wire(io.BytesIO(), written)
    sending.send(b"abc")
    receiving = Wire(io.BytesIO(written.getvalue()), io.BytesIO())
    assert receiving.receive() == b"abc" and sending.sent == receiving.received == 11
    with pytest.raises(EOFError, match="gone"):
        receiving.receive()


def scenario(channel: Channel, target: str = "softmax", **exposure) -> Scenario:
    settings = {"access": Access.SCORES, **exposure}
    return Scenario(
        target=TargetChoice(name=target),
        exposure=Exposure(channel=channel, **settings),
        attack=Choice(name="nes-latent"),
    )


def test_the_plain_channel_leaves_keys_as_they_were_and_others_have_their_own() -> None:
    plain = scenario(Channel.PLAIN)
    assert "channel" not in plain.canonical()["exposure"]
    assert len({scenario(one).key() for one in Channel}) == 3


@pytest.mark.parametrize("channel", HIDING)
def test_what_a_blind_server_cannot_do_is_told_in_a_sentence(channel: Channel) -> None:
    assert problems(scenario(channel)) == []
    for wrong, told in (
        (scenario(channel, "cnn"), "one linear map"),
        (scenario(channel, access=Access.WHITE_BOX), "scores access"),
        (scenario(channel, defences=(Choice(name="rounding"),)), "rounding has nothing to work on"),
        (scenario(channel, monitor=True), "a monitor has nothing to work on"),
    ):
        (only,) = problems(wrong)
        assert told in only and "choose" in only


def test_nothing_but_an_affine_network_claims_to_be_one() -> None:
    assert Softmax.affine
    bent = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU())
    model = affine(bent, (1, 2, 2))
    x = torch.full((1, 1, 2, 2), 9.0)
    assert not np.allclose(x.flatten(1).numpy() @ model.weights.T + model.bias, bent(x).detach().numpy())
