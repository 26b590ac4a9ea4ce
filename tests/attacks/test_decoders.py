"""What the decoders promise: learnt from public photos alone, through the very oracle they attack."""

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from inversion_core.attacks import decoder
from inversion_core.attacks.decoder import Decoder, Eigenpictures, learn
from inversion_core.attacks.decoding import ASKED, FEWEST, DecoderAttack
from inversion_core.attacks.inversion_network import SHIFT, InversionNetwork
from inversion_core.attacks.template_inversion import TemplateInversion
from inversion_core.defences.rounding import Rounding
from inversion_core.defences.top_k import TopK
from inversion_core.errors import AccessDenied
from inversion_core.oracles import LabelOracle, Oracle, ScoreOracle, TemplateOracle, WhiteBox
from inversion_core.pictures import to_bytes
from inversion_core.registry import attacks_of
from inversion_core.targets.architectures import CNN, Softmax
from inversion_core.trials.inputs import released
from inversion_core.values import Claim, Family, Knowledge, Modality
from tests.attacks.toy import PEOPLE, SHAPE, PatternPrior, PatternTarget, attack

PUBLIC = 700
Opened = Callable[..., Oracle]


def scores(**limits: int) -> Oracle:
    return ScoreOracle(PatternTarget(), **limits)


def two_scores(**limits: int) -> Oracle:
    return ScoreOracle(PatternTarget(), defences=[TopK(k=2)], **limits)


def labels(**limits: int) -> Oracle:
    return LabelOracle(PatternTarget(), **limits)


def templates(**limits: int) -> Oracle:
    return TemplateOracle(PatternTarget(), **limits)


def weights(**limits: int) -> Oracle:
    return WhiteBox(PatternTarget(), **limits)


def network(passes: int = 12) -> DecoderAttack:
    return InversionNetwork(public_photos=PUBLIC, hidden=32, passes=passes, learning_rate=1e-2)


def inversion(passes: int = 12) -> DecoderAttack:
    return TemplateInversion(public_photos=PUBLIC, hidden=32, passes=passes, learning_rate=1e-2)


CASES = [
    pytest.param(network, scores, id="inversion-network"),
    pytest.param(network, two_scores, id="inversion-network, two scores"),
    pytest.param(network, labels, id="inversion-network, labels"),
    pytest.param(network, weights, id="inversion-network, weights"),
    pytest.param(inversion, templates, id="template-inversion"),
    pytest.param(inversion, weights, id="template-inversion, weights"),
]
each_case = pytest.mark.parametrize(("make", "opened"), CASES)


def victims() -> Tensor:
    """Return one photo of each person (5, 1, 8, 8): a pattern, a little of the others, its own brightness."""
    rng = torch.Generator().manual_seed(99)
    return PatternPrior().decode(torch.randn(PEOPLE, PEOPLE + 1, generator=rng))


def public(count: int = PUBLIC) -> Tensor:
    rng = torch.Generator().manual_seed(5)
    return to_bytes(PatternPrior().decode(torch.randn(count, PEOPLE + 1, generator=rng)))


def known(made: DecoderAttack, oracle: Oracle, classes: Tensor | None = None) -> Knowledge:
    """Return what leaked of the victims' photos through an oracle like this one, and the public photos."""
    classes = torch.arange(PEOPLE) if classes is None else classes
    photos = to_bytes(victims()[classes])
    if isinstance(made, TemplateInversion):
        return Knowledge(classes, public=public(), templates=oracle.templates(photos.float() / 255))
    return Knowledge(classes, public=public(), observed=released(oracle, photos))


def test_every_decoder_has_its_case() -> None:
    kinds = attacks_of(Family.INVERSION, modality=Modality.IMAGE)
    decoders = {name for name, kind in kinds.items() if issubclass(kind, DecoderAttack)}
    assert decoders == {case.id.split(",")[0] for case in CASES}
    assert all(kinds[name].claim is Claim.INPUT for name in decoders)


@each_case
def test_progress_counts_up_and_shows_every_victim(
    make: Callable[..., DecoderAttack], opened: Opened
) -> None:
    made = make()
    seen, found = attack(made, opened(), known(made, opened()))
    steps = [progress.step for progress in seen]
    assert steps[0] == 1 and steps == sorted(steps) and steps[-1] == seen[-1].total
    shown = [progress.best for progress in seen if progress.best is not None]
    assert seen[0].best is not None and torch.equal(shown[-1], found.samples)
    assert all(best.shape == (PEOPLE, *SHAPE) and best.min() >= 0 and best.max() <= 1 for best in shown)
    assert "700 public photos" in seen[-1].note


@each_case
def test_the_drawn_photos_are_nearer_to_the_originals_than_the_mean(
    make: Callable[..., DecoderAttack], opened: Opened
) -> None:
    made = make()
    _, found = attack(made, opened(), known(made, opened()))
    assert found.samples.dtype == torch.float32 and not found.samples.requires_grad
    mean = public().float().mean(0) / 255
    error, control = ((picture - victims()).square().mean() for picture in (found.samples, mean))
    assert error < 0.9 * control
    assert found.confidence.shape == (PEOPLE,) and ((found.confidence >= 0) & (found.confidence <= 1)).all()


def test_the_less_is_released_the_worse_the_photo_is_drawn() -> None:
    def error(oracle: Callable[[], Oracle]) -> float:
        made = network(passes=30)
        _, found = attack(made, oracle(), known(made, oracle()))
        return (found.samples - victims()).square().mean().item()

    def rounded() -> Oracle:
        return ScoreOracle(PatternTarget(), defences=[Rounding(decimals=0)])

    everything, two, label = error(scores), error(two_scores), error(labels)
    assert everything < two < label
    assert everything < error(rounded)


@each_case
def test_only_the_wanted_come_back_in_the_order_asked(
    make: Callable[..., DecoderAttack], opened: Opened
) -> None:
    made, wanted = make(), torch.tensor([3, 1])
    _, found = attack(made, opened(), known(made, opened(), wanted))
    assert torch.equal(found.classes, wanted) and found.samples.shape == (2, *SHAPE)


@each_case
def test_equal_seeds_give_equal_bytes_and_torch_is_left_alone(
    make: Callable[..., DecoderAttack], opened: Opened
) -> None:
    made, knows, oracle = make(), known(make(), opened()), opened()
    torch.manual_seed(1)
    first = attack(made, oracle, knows, seed=7)[1]
    untouched = torch.manual_seed(2).get_state()
    again = attack(made, oracle, knows, seed=7)[1]
    assert torch.equal(first.samples, again.samples) and torch.equal(first.confidence, again.confidence)
    assert torch.equal(torch.get_rng_state(), untouched)
    assert not torch.equal(first.samples, attack(made, oracle, knows, seed=8)[1].samples)


@each_case
def test_rows_asked_are_the_public_photos_and_one_check_a_victim(
    make: Callable[..., DecoderAttack], opened: Opened
) -> None:
    made, oracle = make(), opened()
    attack(made, oracle, known(made, opened()))
    assert oracle.spent == PUBLIC + PEOPLE


@each_case
@pytest.mark.parametrize("budget", [1, PEOPLE, FEWEST + PEOPLE, 300])
def test_a_budget_leaves_fewer_photos_to_learn_from(
    make: Callable[..., DecoderAttack], opened: Opened, budget: int
) -> None:
    made, oracle = make(), opened(budget=budget)
    seen, found = attack(made, oracle, known(made, opened()))
    assert oracle.spent <= budget and seen[-1].step == seen[-1].total
    assert found.samples.shape == (PEOPLE, *SHAPE)
    if budget < FEWEST + PEOPLE:
        assert "nothing is learnt" in seen[-1].note and found.remarks == (seen[-1].note,)
        assert torch.equal(found.samples[0], public().float().mean(0) / 255) and not found.confidence.any()
    else:
        told = f"the query budget ended the questions: learnt from {budget - PEOPLE} public photos"
        assert found.remarks == (told,) and oracle.spent == budget


def test_a_key_that_runs_dry_elsewhere_ends_the_questions() -> None:
    class Dry(ScoreOracle):
        remaining = None

    oracle = Dry(PatternTarget(), budget=ASKED + 10)
    seen, found = attack(network(), oracle, known(network(), scores()))
    assert oracle.spent == ASKED + PEOPLE and f"{ASKED} public photos" in seen[-1].note
    assert found.confidence.max() > 0


def test_a_decoder_asks_for_no_more_than_it_needs() -> None:
    with pytest.raises(AccessDenied, match="templates need"):
        attack(inversion(), scores(), known(inversion(), templates()))
    with pytest.raises(AccessDenied, match="labels need"):
        attack(network(), templates(), known(network(), scores()))


@each_case
def test_it_can_be_stopped_after_any_step(make: Callable[..., DecoderAttack], opened: Opened) -> None:
    made, oracle = make(), opened()
    steps = made.run(oracle, known(made, opened()), torch.Generator().manual_seed(0))
    next(steps), next(steps)
    spent = oracle.spent
    steps.close()
    assert oracle.spent == spent < PUBLIC


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Tensor, Tensor]]]:
    """Note what decoders are taught with."""
    seen: list[tuple[Tensor, Tensor]] = []

    def noted(answers: Tensor, photos: Tensor, **options: object) -> object:
        seen.append((answers, photos))
        return learn(answers, photos, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("inversion_core.attacks.decoding.learn", noted)
    yield seen


def test_the_decoder_learns_from_public_photos_and_answers_cut_as_the_api_cuts_them(
    taught: list[tuple[Tensor, Tensor]],
) -> None:
    made = network()
    attack(made, two_scores(), known(made, two_scores()))
    ((answers, photos),) = taught
    assert torch.equal(photos, public())
    assert ((answers > 0).sum(1) == 2).all()
    full = made.read(scores().scores(photos.float() / 255))
    assert torch.allclose(answers[answers > 0], full[answers > 0])


def test_scores_are_read_as_shifted_logarithms_and_silence_as_0() -> None:
    read = InversionNetwork().read(torch.tensor([[1.0, 0.1, 0.0, 1e-30]]))
    assert read[0].tolist() == pytest.approx([SHIFT, SHIFT - 2.302585, 0.0, 0.0])


def test_agreement_of_answers_is_the_mass_they_share() -> None:
    made = InversionNetwork()
    one, other = torch.tensor([[0.5, 0.5, 0.0]]), torch.tensor([[0.5, 0.0, 0.5]])
    assert made.agreement(one, one).item() == 1
    assert made.agreement(one, other).item() == pytest.approx(0.5 / 1.5)
    assert made.agreement(torch.zeros(1, 3), one).item() == 0


def test_template_inversion_names_the_targets_without_templates() -> None:
    assert "'softmax' has none" in (TemplateInversion().incompatible(Softmax) or "")
    assert TemplateInversion().incompatible(CNN) is None


def test_eigenpictures_give_the_pictures_back_and_keep_their_distances() -> None:
    photos = public(60)
    pictures = Eigenpictures(photos)
    coefficients = pictures.encode(photos)
    assert torch.allclose(pictures.decode(coefficients), photos.float() / 255, atol=4e-3)
    gram = pictures.components.T @ pictures.components
    assert torch.allclose(gram, torch.eye(len(gram)), atol=1e-3)
    shift = coefficients.roll(1, 0)
    pixels = (pictures.components @ (coefficients - shift).T).square().sum(0)
    assert torch.allclose((coefficients - shift).square().sum(1), pixels, rtol=1e-3)


def test_the_decoder_returned_is_the_one_of_the_best_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = iter([3.0, 1.0, 2.0])
    states: list[dict[str, Tensor]] = []

    def told(made: Decoder, answers: Tensor, photos: Tensor) -> float:
        states.append({name: value.clone() for name, value in made.state_dict().items()})
        return next(errors)

    monkeypatch.setattr(decoder, "_error", told)
    photos = public(300)
    steps = learn(
        scores().scores(photos.float() / 255),
        photos,
        hidden=8,
        passes=3,
        learning_rate=1e-2,
        rng=torch.Generator().manual_seed(0),
    )
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            best = stop.value.state_dict()
            break
    assert all(torch.equal(best[name], value) for name, value in states[1].items())
    assert not all(torch.equal(best[name], value) for name, value in states[2].items())


def test_equal_photos_are_no_trouble() -> None:
    grey = torch.full((PUBLIC, *SHAPE), 128, dtype=torch.uint8)
    knows = Knowledge(torch.arange(PEOPLE), public=grey, observed=torch.eye(PEOPLE))
    _, found = attack(network(), scores(), knows)
    assert torch.allclose(found.samples, torch.full_like(found.samples, 128 / 255), atol=0.05)
