"""What output defences leave of the answers is measured on what is released, and only where one is there."""

import torch

from inversion_core.choices import Choice
from inversion_core.trials.released import MOST, released_accuracy
from inversion_core.values import Access, Photos
from tests.serving.toy import CLASSES, SHAPE, Toy, scenario
from tests.steps import finish


def photos(count: int) -> Photos:
    rng = torch.Generator().manual_seed(3)
    inputs = torch.randint(0, 256, (count, *SHAPE), generator=rng, dtype=torch.uint8)
    return Photos(inputs, torch.randint(0, CLASSES, (count,), generator=rng))


def test_defences_that_keep_the_label_leave_the_accuracy_and_heavy_noise_does_not() -> None:
    target, held_out = Toy(), photos(300)
    named = target.predict(held_out.floats()).argmax(1)
    held_out = Photos(held_out.inputs, torch.where(torch.arange(300) < 240, named, (named + 1) % CLASSES))
    for name, params, kept in (
        ("temperature", {"temperature": 5}, True),
        ("output-noise", {"sigma": 1.0}, False),
    ):
        made = scenario(access=Access.SCORES, defences=(Choice(name=name, params=params),))
        found = finish(released_accuracy(made, target, made.output_defences(), held_out))
        assert found is not None and found["n"] == 300
        assert (found["accuracy"] == 0.8) is kept


def test_nothing_is_asked_where_no_defence_stands_and_only_so_many_where_one_does() -> None:
    made = scenario(access=Access.SCORES)
    assert finish(released_accuracy(made, Toy(), [], photos(10))) is None
    made = scenario(access=Access.SCORES, defences=(Choice(name="rounding"),))
    found = finish(released_accuracy(made, Toy(), made.output_defences(), photos(MOST + 50)))
    assert found is not None and found["n"] == MOST
