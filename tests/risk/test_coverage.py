"""Coverage: told from finished runs alone, and what was not run says why."""

from dataclasses import replace

import pytest

from inversion_core.adaptive import adapted
from inversion_core.risk import coverage as counted
from inversion_core.risk.coverage import Coverage, Ran, coverage, five_classes, of_evidence, of_runs
from inversion_core.risk.crosswalk import crosswalk
from inversion_core.risk.evidence import gather
from inversion_core.values import Modality, State
from tests.risk.made import ROUNDED, assessment, finished, runs, scenario

FIVE = ["EDPB 55(i)", "EDPB 55(ii)", "EDPB 55(iii)", "EDPB 55(iv)", "EDPB 55(v)"]


def words(found: Coverage) -> dict[str, str]:
    return {one.id: one.word for one in (*found.tested, *found.attacks, *found.controls)}


def ran(attack: str, record: str = "r", **changes: object) -> Ran:
    basis = Ran(attack, "black_box_scores", frozenset(), adaptive=False, record=record)
    return replace(basis, **changes)  # type: ignore[arg-type]


def test_where_nothing_was_run_everything_is_not_run_with_a_reason() -> None:
    found = coverage([])
    assert list(five_classes()) == FIVE
    assert set(words(found).values()) == {"NOT RUN"}
    assert all(one.reason for one in (*found.tested, *found.attacks, *found.controls))


def test_a_run_covers_its_class_and_its_controls_and_no_other() -> None:
    found = coverage([ran("nes-latent", controls=frozenset({"output_reduction"}))])
    assert {one for one, word in words(found).items() if word != "NOT RUN"} == {
        "EDPB 55(iv)", "mi_class_rep", "output_reduction", "privacy_red_team",
    }  # fmt: skip


def test_a_class_with_a_part_left_out_is_run_in_part() -> None:
    attribute = coverage([ran("csmia")]).tested[0]
    assert attribute.word == "RUN IN PART"
    assert [part.id for part in attribute.parts if not part.run] == ["membership"]
    assert coverage([ran("csmia"), ran("lira")]).tested[0].word == "RUN"


def test_runs_are_counted_once_and_told_by_attack_access_and_knowledge() -> None:
    found = coverage(
        [ran("nes-latent", "a"), ran("brep-mi", "b", access="label_only", adaptive=True), ran("brep-mi", "b")]
    ).attacks[0]
    assert found.records == ("a", "b") and found.attacks == ("brep-mi", "nes-latent")
    assert found.access == ("black_box_scores", "label_only") and found.adaptive


def reasons(found: Coverage) -> dict[str, str]:
    return {one.id: one.reason for one in (*found.attacks, *found.controls)}


def test_reasons_tell_apart_what_is_missing_from_what_nobody_ran() -> None:
    pictures = reasons(coverage([], Modality.IMAGE, planned=[scenario("inversion-network")]))
    assert pictures["extraction"] == pictures["mi_class_rep"] == "nobody ran it"
    assert pictures["mi_attribute"].startswith("not applicable to pictures")
    assert pictures["rec_instance"] == "it is planned, and no run of it is finished"
    assert pictures["dp_training"] == "nobody ran an attack against it"
    assert pictures["federated_secure_agg"] == "nobody ran an attack against it"
    assert pictures["impact_assessment"] == crosswalk().control("impact_assessment").untested
    assert reasons(coverage([], Modality.TABLE))["mi_class_rep"].startswith("not applicable to tables")


def test_what_is_not_built_in_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counted, "components", lambda kind: {})
    found = reasons(coverage([]))
    assert found["extraction"] == "no attack of this class is built in"
    assert found["federated_secure_agg"] == "no control of this kind is built in"


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED, State.LOST, State.RUNNING])
def test_only_finished_runs_count(state: State) -> None:
    done = finished(scenario(), 3)
    assert len(of_runs([done])) == 1
    assert of_runs([replace(done, state=state)]) == ()
    assert of_runs([replace(done, result_json=None)]) == ()


def test_an_attacker_knows_the_controls_only_beside_the_attack_it_answers() -> None:
    naive = scenario("nes-latent", exposure={"access": "scores", "defences": ROUNDED})
    knowing = next(one.scenario for one in adapted(naive) if one.scenario.attack.name == "brep-mi")
    both = of_runs([finished(naive, 3), finished(knowing, 3)])
    assert [one.adaptive for one in both] == [False, True]
    assert [one.adaptive for one in of_runs([finished(knowing, 3)])] == [False]


def test_a_run_of_what_this_version_lacks_is_left_out() -> None:
    gone = scenario().model_copy(update={"attack": scenario().attack.model_copy(update={"name": "gone"})})
    assert of_runs([replace(finished(scenario(), 1), scenario=gone)]) == ()


def test_evidence_of_an_assessment_covers_by_its_runs() -> None:
    deployed = scenario(exposure={"access": "scores", "defences": ROUNDED})
    planned = scenario("inversion-network", exposure={"access": "scores", "defences": ROUNDED})
    made = assessment([deployed, planned])
    rows = gather(made, runs(finished(deployed, 20)))
    (run,) = of_evidence(rows)
    assert (run.attack, run.access) == ("nes-latent", "black_box_topk_rounded")
    assert run.controls == {"output_reduction"}
    assert words(coverage([run]))["mi_class_rep"] == "RUN"
