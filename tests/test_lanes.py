"""Lanes: order, equal bytes with any number of them, errors, the thread counts they leave alone."""

import subprocess
import sys
import threading
import time

import pytest
import torch

from inversion_core.lanes import in_lanes, together

DIGEST = """
import hashlib, torch
from inversion_core.lanes import together
torch.manual_seed(0)
network = torch.nn.Sequential(torch.nn.Conv2d(3, 16, 3), torch.nn.Flatten(), torch.nn.Linear(16 * 900, 7))
inputs = torch.rand(70, 3, 32, 32)
torch.set_num_threads({threads})
answers = together(lambda part: network(part).detach(), inputs.split(16))
print(hashlib.sha256(answers.numpy().tobytes()).hexdigest())
"""


def test_parts_come_back_in_order_whichever_is_done_first() -> None:
    def late(pause: float, number: int) -> int:
        time.sleep(pause)
        return number

    assert in_lanes(late, [0.05, 0.0, 0.02, 0.0], [0, 1, 2, 3]) == [0, 1, 2, 3]


def test_every_part_has_one_torch_thread_and_the_caller_keeps_its_own() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert set(in_lanes(lambda _: torch.get_num_threads(), range(6))) == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_a_lane_computes_its_own_parts_itself() -> None:
    def inner(number: int) -> list[bool]:
        outer = threading.get_ident()
        return in_lanes(lambda _: threading.get_ident() == outer, range(number))

    assert in_lanes(inner, [2] * 8) == [[True, True]] * 8


def test_what_goes_wrong_in_a_lane_goes_wrong_for_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        in_lanes(lambda number: 1 / number, [1, 0, 2])


def test_the_number_of_lanes_and_threads_does_not_change_a_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for lanes, threads in ((1, 1), (2, 1), (1, 2), (3, 2)):
        monkeypatch.setenv("INVERSION_LANES", str(lanes))
        told = subprocess.run(
            [sys.executable, "-c", DIGEST.format(threads=threads)], capture_output=True, text=True, check=True
        )
        seen.add(told.stdout)
    assert len(seen) == 1


def test_together_joins_the_parts() -> None:
    rows = torch.arange(10.0)
    assert torch.equal(together(lambda part: 2 * part, rows.split(3)), 2 * rows)
