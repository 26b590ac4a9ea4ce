"""What thirty viewers share is asked for once, and is never old for long."""

import time

import pytest

from inversion_core.errors import UnknownName
from inversion_core.store.runs import RunStore, open_store
from pages.ui.snapshot import FRESH, POINTS, snapshot, thinned
from tests.pages import world


def test_viewers_share_one_look_into_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    run = world.running()
    store, asked = open_store(), []

    def look() -> RunStore:
        asked.append(run)
        return store

    monkeypatch.setattr("pages.ui.library.store", look)
    seen = [snapshot(run) for _ in range(30)]
    assert all(one is seen[0] for one in seen)
    assert len(asked) <= 2  # the snapshot itself, and the sheet it names


def test_a_snapshot_is_soon_replaced() -> None:
    run = world.running()
    assert snapshot(run).record.step == 5
    open_store().advance(run, step=6, total=10, loss=0.1)
    time.sleep(FRESH + 0.1)
    assert snapshot(run).record.step == 6


def test_an_unknown_run_is_no_snapshot() -> None:
    with pytest.raises(UnknownName, match="runs are found by id"):
        snapshot("nobody")


@pytest.mark.parametrize("count", [0, 1, 2, POINTS, POINTS + 1, 10 * POINTS + 7])
def test_a_long_line_is_thinned_and_keeps_its_ends(count: int) -> None:
    losses = [(step, 1 / (step + 1)) for step in range(count)]
    kept = thinned(losses)
    assert len(kept) <= 2 * POINTS
    assert kept == sorted(kept)
    if losses:
        assert (kept[0], kept[-1]) == (losses[0], losses[-1])
