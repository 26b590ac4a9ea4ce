"""What a private training promises to somebody who is in the data more than once."""

import pytest

from inversion_core.choices import Choice, DatasetChoice, Exposure, TargetChoice
from inversion_core.datasets.notes import COPIES, Notes
from inversion_core.defences.dp_sgd import DPSGD
from inversion_core.scenario import Scenario
from inversion_core.targets.character_model import CharacterModel
from inversion_core.targets.generator import obtain_generator
from inversion_core.trials.property import _Bench
from inversion_core.values import Access
from tests.steps import finish


@pytest.mark.filterwarnings("ignore:Full backward hook")  # nothing flows back into characters
def test_who_is_written_sixteen_times_is_bounded_by_sixteen_times_the_epsilon() -> None:
    notes = Notes(notes=100, canaries=1)
    target = CharacterModel(width=8)
    made = finish(obtain_generator(notes, target, [DPSGD(epsilon=1, delta=1e-3, batch_size=64, epochs=1)]))
    told = made.card.guarantees["dp-sgd"]
    assert told["unit"] == "one record" and told["photos_per_person"] == max(COPIES) == 16
    assert told["person_epsilon"] == pytest.approx(16 * told["epsilon"])
    assert "a person has 16 records" in told["warning"]


@pytest.mark.parametrize(("asked", "chance", "kept"), [(1.0, 1e-8, True), (8.0, 1e-3, False)])
def test_a_record_drawn_more_than_once_counts_as_often(asked: float, chance: float, kept: bool) -> None:
    params = {"epsilon": asked, "delta": chance, "batch_size": 64, "epochs": 1}
    private = Choice(name="dp-sgd", params=params)
    params = {"column": "carrier", "level": "yes", "rows": 300, "targets": 3, "shadows": 10}
    scenario = Scenario(
        dataset=DatasetChoice(name="clinic"),
        target=TargetChoice(name="mlp", defences=(private,)),
        exposure=Exposure(access=Access.SCORES),
        attack=Choice(name="property-inference", params=params),
    )
    bench = _Bench(scenario)
    card = bench.card(finish(bench.trained()))
    epsilon, delta = card["epsilon"], card["delta"]
    # 300 rows of a group's few hundred, with replacement: somebody is drawn several times.
    assert (epsilon > 1.9 and 1e-8 < delta < 1) if kept else (epsilon, delta) == (None, None)
