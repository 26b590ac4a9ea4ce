"""Boundary repulsion: the rules of the paper on a label that is a disc, and victims nobody is labelled as."""

import math

import torch
from torch import Tensor

from inversion_core.attacks.black_box import Asking
from inversion_core.attacks.brep_mi import BrepMI, Repulsion, on_sphere, push, seeds
from inversion_core.oracles import LabelOracle
from inversion_core.values import Knowledge
from tests.attacks.toy import PEOPLE, PatternPrior, PatternTarget, attack

RNG = torch.Generator


def disc(size: float):
    """Return an oracle that says who is within `size` of the origin, and asks nothing."""

    def inside(persons: Tensor, victims: Tensor) -> Asking:
        yield from ()
        return persons.norm(dim=2) < size

    return inside


def walk(starts: list[list[float]], **params: object) -> Repulsion:
    there = torch.tensor(starts)
    return Repulsion(there, torch.ones(len(there), dtype=torch.bool), BrepMI.Params(limit=10, **params))


def go(one: Repulsion, inside, rounds: int = 1) -> None:
    rng = RNG().manual_seed(0)
    for _ in range(rounds):
        for _ in one.round(inside, rng):
            pass


def test_points_lie_on_the_sphere_and_in_every_direction() -> None:
    points = on_sphere(torch.tensor([2.0, 0.5]), 4000, 3, RNG().manual_seed(1))
    assert torch.allclose(points.norm(dim=2), torch.tensor([[2.0], [0.5]]).expand(2, 4000), atol=1e-5)
    assert (points.mean(1).abs() < 0.1).all()


def test_only_points_outside_push_and_those_inside_do_not_pull() -> None:
    sphere = torch.tensor([[[2.0, 0.0], [-2.0, 0.0], [0.0, 2.0], [0.0, -2.0]]])
    moved = push(sphere, torch.tensor([[-1.0, 1.0, 1.0, 1.0]]), torch.tensor([2.0]))
    assert torch.allclose(moved, torch.tensor([[-2 / 3 / 4, 0.0]]))
    assert not push(sphere, torch.ones(1, 4), torch.tensor([2.0])).any()


def test_a_move_is_a_third_of_the_radius_and_three_at_most() -> None:
    for radius, step in ((3.0, 1.0), (30.0, 3.0)):
        point = torch.tensor([[[radius, 0.0]]])
        assert torch.allclose(
            push(point, -torch.ones(1, 1), torch.tensor([radius])), torch.tensor([[-step, 0.0]])
        )


def test_the_sphere_grows_by_three_tenths_only_when_the_signs_pass_three_quarters() -> None:
    def outside(count: int):
        def inside(persons: Tensor, victims: Tensor) -> Asking:
            yield from ()
            return (torch.arange(persons.shape[1]) >= count).expand(persons.shape[:2])

        return inside

    grown, kept = walk([[0.0, 0.0]], points=32), walk([[0.0, 0.0]], points=32)
    go(grown, outside(3))  # signs add up to 26 of 32
    go(kept, outside(4))  # to 24 of 32, which is not more than three quarters
    assert math.isclose(grown.radius.item(), 2.6, rel_tol=1e-6) and grown.rounds.item() == 0
    assert kept.radius.item() == 2.0 and kept.rounds.item() == 1


def test_a_face_near_the_edge_walks_to_the_middle_of_its_class() -> None:
    one = walk([[3.6, 0.0], [0.0, -3.5]], radius=2.0)
    go(one, disc(4.0), 60)
    assert (one.kept.norm(dim=1) < 1.5).all() and (one.radius > 3).all()


def test_a_move_that_leaves_the_class_is_discarded() -> None:
    def nobody_but_the_points(persons: Tensor, victims: Tensor) -> Asking:
        yield from ()
        return torch.zeros(persons.shape[:2], dtype=torch.bool)

    one = walk([[1.0, 0.0]])
    go(one, nobody_but_the_points, 5)
    assert torch.equal(one.here, torch.tensor([[1.0, 0.0]])) and one.rounds.item() == 5


def test_too_many_rounds_at_one_radius_finish_a_victim_and_not_the_others() -> None:
    one = walk([[0.0, 0.0], [0.0, 0.0]], rounds=3)
    one.radius[1] = 0.5
    go(one, disc(1.0), 4)
    assert one.active.tolist() == [False, True] and one.radius[1] > 1


def test_what_is_kept_is_where_the_sphere_last_grew() -> None:
    one = walk([[3.6, 0.0]])
    go(one, disc(4.0), 1)
    assert torch.equal(one.kept, torch.tensor([[3.6, 0.0]])) and not torch.equal(one.here, one.kept)


def test_seeds_are_the_first_and_the_middle_of_the_faces_labelled_so() -> None:
    pool = torch.tensor([[1.0, 0.0], [0.0, 2.0], [3.0, 0.0], [0.0, 4.0]])
    firsts, middles, found = seeds(pool, torch.tensor([5, 7, 5, 5]), torch.tensor([5, 9, 7]))
    assert firsts.tolist() == [[1, 0], [0, 0], [0, 2]] and found.tolist() == [True, False, True]
    assert torch.allclose(middles[0] / middles[0].norm(), torch.tensor([1.0, 1.0]) / 2**0.5)
    assert not middles[1].any() and middles[2, 0] == 0 < middles[2, 1]


class NeverTheLast(PatternTarget):
    """Labels nobody as the last person."""

    def predict(self, inputs: Tensor) -> Tensor:
        scores = super().predict(inputs)
        scores[:, -1] = 0
        return scores


def test_a_victim_nobody_is_labelled_as_is_reported_and_costs_no_more() -> None:
    oracle = LabelOracle(NeverTheLast())
    made = BrepMI(queries=500, points=16)
    lost = Knowledge(torch.tensor([PEOPLE - 1]), PatternPrior())
    seen, found = attack(made, oracle, lost)
    assert found.remarks == ("no seed found after 100 public faces for the classes 4",)
    assert found.remarks[0] in seen[-1].note and found.confidence.tolist() == [0] and oracle.spent == 101
    _, both = attack(made, knowledge=None, oracle=LabelOracle(NeverTheLast()))
    assert both.confidence[-1] == 0 and (both.confidence[:-1] > 0).all()


def test_rows_are_the_faces_labelled_the_points_and_a_check_for_every_move() -> None:
    calls: list[int] = []

    class Counting(LabelOracle):
        def labels(self, inputs: Tensor) -> Tensor:
            calls.append(len(inputs))
            return super().labels(inputs)

    oracle = Counting(PatternTarget())
    attack(BrepMI(queries=300, points=10, pool=80), oracle)
    assert sum(calls) == oracle.spent <= 300 * PEOPLE and calls[:2] == [80, PEOPLE]


def test_the_first_face_is_the_start_where_the_paper_is_followed_to_the_letter() -> None:
    _, found = attack(BrepMI(queries=600, points=16, middle=False), LabelOracle(PatternTarget()))
    assert PatternTarget().predict(found.samples).argmax(1).tolist() == list(range(PEOPLE))
