"""What an oracle gives at each level, and what it counts."""

import pytest
import torch
from torch import Tensor, nn

from inversion_core.defences.base import OutputDefence
from inversion_core.errors import AccessDenied, QueryBudgetExceeded
from inversion_core.oracles import (
    LabelOracle,
    Oracle,
    ScoreOracle,
    TemplateOracle,
    WhiteBox,
    as_sent,
    open_oracle,
)
from inversion_core.values import Access

LEVELS = {Access.WHITE_BOX: WhiteBox, Access.SCORES: ScoreOracle, Access.LABELS: LabelOracle}


class Small:
    """Two pixels in, three classes out."""

    input_shape, class_count = (1, 1, 2), 3

    def __init__(self) -> None:
        self.network = nn.Sequential(nn.Flatten(), nn.Linear(2, 3, bias=False))
        self.network[1].weight.data = torch.tensor([[4.0, 0.0], [0.0, 4.0], [1.0, 1.0]])

    def predict(self, inputs: Tensor) -> Tensor:
        return self.network(inputs).softmax(1)


class Halved(OutputDefence):
    """Releases half of each score."""

    name = "halved"
    title = "Halved"

    def release(self, scores: Tensor, rng: torch.Generator) -> Tensor:
        return scores / 2


class Flipped(OutputDefence):
    """Releases one minus each score."""

    name = "flipped"
    title = "Flipped"

    def release(self, scores: Tensor, rng: torch.Generator) -> Tensor:
        return 1 - scores


@pytest.fixture
def inputs() -> Tensor:
    return torch.tensor([[[[1.0, 0.0]]], [[[0.0, 1.0]]], [[[0.8, 0.2]]]])


@pytest.mark.parametrize(("access", "kind"), LEVELS.items())
def test_open_oracle_gives_the_level_that_was_asked_for(access: Access, kind: type[Oracle]) -> None:
    oracle = open_oracle(Small(), access, budget=5)
    assert type(oracle) is kind and oracle.access is access
    assert oracle.input_shape == (1, 1, 2) and oracle.class_count == 3 and oracle.budget == 5


def test_a_level_nobody_serves_is_refused() -> None:
    with pytest.raises(AccessDenied, match="access is one of white-box, scores, labels, templates"):
        open_oracle(Small(), Access.GRADIENTS)


def test_the_layout_of_a_picture_in_memory_is_not_what_an_api_sees() -> None:
    inputs = torch.rand(2, 3, 8, 8).to(memory_format=torch.channels_last)
    assert as_sent(inputs).is_contiguous() and as_sent(inputs).allclose(inputs, atol=0.5 / 255)


def test_the_white_box_agrees_with_the_network(inputs: Tensor) -> None:
    target, oracle = Small(), WhiteBox(Small())
    assert torch.equal(oracle.logits(inputs), target.network(inputs))
    assert torch.equal(oracle.scores(inputs), target.predict(inputs))
    assert oracle.labels(inputs).tolist() == [0, 1, 0]


def test_only_the_white_box_lets_gradients_through(inputs: Tensor) -> None:
    asked = inputs.requires_grad_(True)
    assert WhiteBox(Small()).scores(asked).requires_grad
    released = ScoreOracle(Small()).scores(asked)
    assert not released.requires_grad and released.grad_fn is None
    assert not LabelOracle(Small()).labels(asked).requires_grad


def test_the_white_box_shows_what_goes_into_the_last_layer(inputs: Tensor) -> None:
    oracle, last = WhiteBox(Small()), Small().network[1]
    features, logits = oracle.features(inputs)
    assert torch.equal(features, inputs.flatten(1)) and oracle.spent == len(inputs)
    assert torch.equal(logits, oracle.logits(inputs))
    weights = oracle.directions()
    assert weights is not None and torch.equal(weights, last.weight)
    weights.zero_()
    assert torch.equal(oracle.logits(inputs), logits), "what is handed out is a copy"


def test_features_need_a_network_that_ends_in_a_linear_layer(inputs: Tensor) -> None:
    target = Small()
    target.network.append(nn.Identity())
    assert WhiteBox(target).directions() is None
    with pytest.raises(AccessDenied, match="this target has none"):
        WhiteBox(target).features(inputs)


def test_the_white_box_is_a_frozen_copy(inputs: Tensor) -> None:
    target = Small()
    target.network.train()
    oracle = WhiteBox(target)
    before = oracle.logits(inputs)
    target.network[1].weight.data.zero_()
    assert torch.equal(oracle.logits(inputs), before)
    asked = inputs.clone().requires_grad_(True)
    oracle.logits(asked).sum().backward()
    assert asked.grad is not None and target.network[1].weight.grad is None
    assert target.network.training


def test_each_level_refuses_what_is_above_it(inputs: Tensor) -> None:
    for oracle in (ScoreOracle(Small()), LabelOracle(Small())):
        for call in (oracle.logits, oracle.features, lambda _, oracle=oracle: oracle.directions()):
            with pytest.raises(AccessDenied, match=f"this oracle gives {oracle.access}"):
                call(inputs)
    with pytest.raises(AccessDenied, match="this oracle gives labels"):
        LabelOracle(Small()).scores(inputs)
    assert ScoreOracle(Small()).labels(inputs).tolist() == [0, 1, 0]


@pytest.mark.parametrize("kind", [WhiteBox, ScoreOracle, LabelOracle])
def test_what_is_refused_costs_nothing(kind: type[Oracle], inputs: Tensor) -> None:
    oracle = kind(Small())
    for call in (oracle.logits, oracle.scores):
        try:
            call(inputs)
        except AccessDenied:
            assert oracle.spent == 0
    assert oracle.spent == {WhiteBox: 6, ScoreOracle: 3, LabelOracle: 0}[kind]


@pytest.mark.parametrize("kind", [WhiteBox, ScoreOracle, LabelOracle])
def test_every_row_is_counted_and_the_budget_is_a_wall(kind: type[Oracle], inputs: Tensor) -> None:
    oracle = kind(Small(), budget=7)
    oracle.labels(inputs)
    oracle.labels(inputs)
    assert oracle.spent == 6
    with pytest.raises(QueryBudgetExceeded, match="query budget is 7, 6 spent, 3 more asked for"):
        oracle.labels(inputs)
    assert oracle.spent == 6
    assert oracle.labels(inputs[:1]).tolist() == [0] and oracle.spent == 7


def test_defences_are_applied_in_order_to_what_is_released(inputs: Tensor) -> None:
    plain = Small().predict(inputs)
    both = open_oracle(Small(), Access.SCORES, defences=[Halved(), Flipped()])
    assert torch.allclose(both.scores(inputs), 1 - plain / 2)
    labels = open_oracle(Small(), Access.LABELS, defences=[Flipped()])
    assert torch.equal(labels.labels(inputs), (1 - plain).argmax(1))


def test_output_defences_do_not_touch_who_holds_the_weights(inputs: Tensor) -> None:
    oracle = open_oracle(Small(), Access.WHITE_BOX, defences=[Flipped()])
    assert torch.equal(oracle.scores(inputs), Small().predict(inputs))


def test_an_oracle_shows_no_way_to_the_target() -> None:
    target = Small()
    for access in LEVELS:
        oracle = open_oracle(target, access)
        public = [getattr(oracle, name) for name in dir(oracle) if not name.startswith("_")]
        assert not any(value is target or value is target.network for value in public)


@pytest.mark.parametrize("access", [Access.SCORES, Access.LABELS])
def test_pictures_reach_an_api_with_eight_bits_a_channel(access: Access) -> None:
    seen = []

    class Watching(Small):
        def predict(self, inputs: Tensor) -> Tensor:
            seen.append(inputs)
            return super().predict(inputs)

    asked = torch.tensor([[[[0.1, 0.7]]], [[[-0.2, 1.3]]]])
    open_oracle(Watching(), access).labels(asked)
    (sent,) = seen
    assert torch.equal(sent * 255, (sent * 255).round()) and sent.min() >= 0 and sent.max() <= 1
    assert (sent - asked.clamp(0, 1)).abs().max() <= 0.5 / 255 + 1e-6
    sure = torch.tensor([[[[1.0, 0.0]]]])
    nearly = sure - torch.tensor([0.4 / 255, 0.0])
    assert torch.equal(as_sent(sure), as_sent(nearly))


def test_records_of_a_table_and_the_white_box_are_not_rounded() -> None:
    record = torch.tensor([[3.25, -7.5], [0.1, 1e6]])
    assert as_sent(record) is record
    exact = torch.tensor([[[[0.1234, 0.4321]]]])
    assert torch.equal(WhiteBox(Small()).scores(exact), Small().predict(exact))


def test_what_remains_is_the_budget_less_what_was_asked(inputs: Tensor) -> None:
    oracle = LabelOracle(Small(), budget=7)
    assert oracle.remaining == 7
    oracle.labels(inputs)
    assert oracle.remaining == 4
    with pytest.raises(QueryBudgetExceeded):
        oracle.labels(torch.cat([inputs, inputs]))
    assert oracle.remaining == 4 and ScoreOracle(Small()).remaining is None


class Embedding(Small):
    """Three hidden units, of which the first is silent for dark pictures."""

    def __init__(self) -> None:
        super().__init__()
        hidden = nn.Linear(2, 3, bias=False)
        hidden.weight.data = torch.tensor([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]])
        self.network = nn.Sequential(nn.Flatten(), hidden, nn.Linear(3, 3))

    def trunk(self) -> nn.Module:
        return self.network[:-1]


@pytest.mark.parametrize("kind", [TemplateOracle, WhiteBox])
def test_templates_are_the_last_hidden_layer_at_unit_length(kind: type[Oracle]) -> None:
    oracle = kind(Embedding(), budget=3)
    seen = oracle.templates(torch.tensor([[[[1.0, 1.0]]], [[[0.0, 1.0]]], [[[0.0, 0.0]]]]))
    assert torch.allclose(seen, torch.tensor([[0.6, 0.8, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]))
    assert not seen.requires_grad and oracle.spent == 3
    with pytest.raises(QueryBudgetExceeded):
        oracle.templates(torch.zeros(1, 1, 1, 2))


def test_a_template_store_gives_templates_only(inputs: Tensor) -> None:
    oracle = open_oracle(Embedding(), Access.TEMPLATES)
    assert type(oracle) is TemplateOracle
    for call in (oracle.logits, oracle.scores, oracle.labels):
        with pytest.raises(AccessDenied, match="this oracle gives templates"):
            call(inputs)
    for other in (ScoreOracle(Embedding()), LabelOracle(Embedding())):
        with pytest.raises(AccessDenied, match="templates need templates or white-box"):
            other.templates(inputs)


def test_a_target_without_a_hidden_layer_has_no_templates(inputs: Tensor) -> None:
    for refuse in (lambda: TemplateOracle(Small()), lambda: WhiteBox(Small()).templates(inputs)):
        with pytest.raises(AccessDenied, match="before its last layer, this target has none"):
            refuse()


def test_weights_give_templates_and_nothing_else_does() -> None:
    covering = {access for access in Access if access.covers(Access.TEMPLATES)}
    assert covering == {Access.WHITE_BOX, Access.TEMPLATES}
    assert [need for need in Access if Access.TEMPLATES.covers(need)] == [Access.TEMPLATES]
