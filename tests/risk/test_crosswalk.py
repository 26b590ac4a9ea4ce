"""The crosswalk: the worked cases come out as they were worked, and nothing of the product is left out."""

import pytest

from inversion_core.choices import Choice, Exposure
from inversion_core.errors import UnknownName
from inversion_core.registry import components
from inversion_core.risk import product
from inversion_core.risk.assessment import DataKind
from inversion_core.risk.claims import claim_type
from inversion_core.risk.crosswalk import Cited, Crosswalk, crosswalk, references
from inversion_core.risk.policy import FLOORS
from inversion_core.risk.product import access_level, attack_class, control_id, controls_of
from inversion_core.values import Access

PERSONAL = ["5(1)(f)", "32", "35(7)"]
FACE = ["4(1)", "4(14)", "9(1) if used to identify uniquely", "35(3)(b) if large scale", *PERSONAL]
FACE_LAW = (FACE, ["(P)", "(Q)"], ["Annex III(1) if remote ID, categorisation or emotion"])
MEDICAL_LAW = (["4(15)", "9(1)", "35(3)(b) if large scale", *PERSONAL], [""], [])
WEIGHTS = ["AML.T0044", "AML.T0035", "AML.T0025"]
SCORES = ["AML.T0040", "AML.T0063", "AML.T0013"]
INVERSION = ["ML03:2023", "AIX 2.3.2", "EDPB 55(iv)"]

# attack x access x data, taxonomy in order, (GDPR, HIPAA, AI Act after 15(5)), X, severity floor, remarks
WORKED = [
    ("mi_class_rep white_box face", ["NISTAML.032", "AML.T0024.001", *WEIGHTS, *INVERSION],
     FACE_LAW, "4 if released, 2 if guarded", 3, "usually"),
    ("mi_class_rep black_box_scores face", ["NISTAML.032", "AML.T0024.001", *SCORES, *INVERSION],
     FACE_LAW, "4 public, 3 authenticated", 3, "usually"),
    ("mi_class_rep label_only face", ["NISTAML.032", "AML.T0024.001", "AML.T0040", "AML.T0047", *INVERSION],
     FACE_LAW, "2 or 3", 3, "usually"),
    ("mi_class_rep black_box_scores generic_objects_or_synthetic",
     ["NISTAML.032", "AML.T0024.001", *SCORES, *INVERSION],
     None, "4 public, 3 authenticated", None, "training demo; no DPIA claim"),
    ("mi_class_rep white_box medical_image_or_record",
     ["NISTAML.032", "AML.T0024.001", *WEIGHTS, *INVERSION],
     MEDICAL_LAW, "4 if released, 2 if guarded", 3, "rarely"),
    ("mi_attribute black_box_scores medical_image_or_record",
     ["NISTAML.032", *SCORES, "ML03:2023", "LLM02:2025", "EDPB 55(i)"],
     MEDICAL_LAW, "4 public, 3 authenticated", 3, "no entry; nearest AML.T0024"),
    ("mi_attribute black_box_topk_rounded financial_tabular",
     ["NISTAML.032", "AML.T0040", "AML.T0013", "ML03:2023", "LLM02:2025", "EDPB 55(i)"],
     (["4(1)", *PERSONAL], [], ["Annex III(5)(b)", "27"]), "3", 3, "no entry; nearest AML.T0024"),
    ("rec_instance white_box medical_image_or_record",
     ["NISTAML.032", "AML.T0024.001", *WEIGHTS, "ML03:2023", "AIX 2.3.2", "EDPB 55(v)"],
     MEDICAL_LAW, "4 if released, 2 if guarded", 3, ""),
    ("gradient_inversion gradients face", ["NISTAML.032", "ML03:2023", "EDPB 55(v)"],
     FACE_LAW, "4", 3, "no entry in 5.6"),
    ("embedding_inversion embedding_store other_biometric",
     ["NISTAML.032", "AML.T0035", "LLM08:2025", "EDPB 55(v)"],
     (["4(14)", "9(1)", *PERSONAL], ["(P)"], ["Annex III(1)"]),
     "3", 3, "no exact entry; AML.T0024 by analogy"),
    ("membership black_box_scores medical_image_or_record",
     ["NISTAML.033", "AML.T0024.000", *SCORES, "ML04:2023", "AIX 2.3.2", "EDPB 55(i)"],
     MEDICAL_LAW, "4 public, 3 authenticated", 3, ""),
    ("extraction label_only face",
     ["NISTAML.031", "AML.T0024.002", "AML.T0005.001", "AML.T0040", "AML.T0047", "ML05:2023", "EDPB 55(ii)"],
     FACE_LAW, "2 or 3", 3, "harm arises in the follow-up attack; rate that one"),
    ("llm_extraction black_box_topk_rounded text_messages",
     ["NISTAML.037", "NISTAML.038", "AML.T0057", "AML.T0040", "AML.T0013", "LLM02:2025", "EDPB 55(iii)"],
     (["4(1)", "9(1) possible", *PERSONAL], [], []), "3", 2, ""),
]  # fmt: skip


def told(one: Cited, framework: str) -> str:
    """Return a citation as the worked cases write it."""
    return f"{one.ref.removeprefix(framework)} {one.when}".strip()


@pytest.mark.parametrize(
    ("case", "taxonomy", "law", "exposure", "floor", "remark"), WORKED, ids=[row[0] for row in WORKED]
)
def test_a_worked_case_comes_out(
    case: str,
    taxonomy: list[str],
    law: tuple[list[str], list[str], list[str]] | None,
    exposure: str,
    floor: int | None,
    remark: str,
) -> None:
    found = references(*case.split())
    assert [one.ref for one in found.taxonomy] == taxonomy
    assert (found.exposure, found.severity_floor, found.mapping) == (exposure, floor, "project mapping")
    assert remark in " ".join([found.class_is_person, *found.notes, *found.no_entry.values()])
    if law is None:
        assert found.law == ()
        return
    gdpr, hipaa, act = law
    wanted = [("GDPR", gdpr, "GDPR "), ("EU AI Act", ["15(5) if high-risk", *act], "AI Act ")]
    for framework, refs, prefix in wanted:
        assert [told(one, prefix) for one in found.law if one.row.framework == framework] == refs
    health = [told(one, "HIPAA 164.514(b)(2)(i)") for one in found.law if one.row.framework == "HIPAA"]
    assert health == [one or "HIPAA 164.514(b)" for one in hipaa]


def test_no_entry_is_told_and_nothing_is_forced_into_the_gap() -> None:
    gap = references("gradient_inversion", "gradients", "face")
    assert gap.no_entry == {"MITRE ATLAS": "no entry in 5.6"} and gap.controls == ()
    assert references("mi_class_rep", "white_box", "face").no_entry == {}
    assert crosswalk().control("dp_training").no_entry == {"MITRE ATLAS": "no entry"}


@pytest.mark.parametrize("wrong", ["nothing white_box face", "membership api face", "membership gray_box x"])
def test_an_unknown_row_is_told_in_a_sentence(wrong: str) -> None:
    with pytest.raises(UnknownName, match=r"named by id, .* is none; use one of"):
        references(*wrong.split())


def test_an_id_that_is_no_reference_is_refused() -> None:
    whole = crosswalk().model_dump()
    whole["personal"] = ["GDPR 999"]
    with pytest.raises(ValueError, match="GDPR 999 is cited and is no row"):
        Crosswalk.model_validate(whole)


def test_known_bad_mappings_are_absent() -> None:
    cites = {one.id: {cited.ref for cited in one.refs} for one in crosswalk().attacks}
    for inverting in ("mi_class_rep", "mi_attribute", "rec_instance", "gradient_inversion"):
        assert not cites[inverting] & {"AML.T0025", "ML04:2023"}
    assert "ML04:2023" in cites["membership"]
    assert crosswalk().control("explanations_limit").contested
    assert not crosswalk().control("explanations_limit").refs


def test_data_kinds_are_those_of_an_assessment() -> None:
    assert [one.id for one in crosswalk().data] == [kind.value for kind in DataKind]


@pytest.mark.parametrize("name", components("attacks"))
def test_every_attack_has_a_class_that_claims_what_it_claims(name: str) -> None:
    assert attack_class(name).claim is claim_type(components("attacks")[name].claim)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", components("defences"))
def test_every_defence_has_a_control(name: str) -> None:
    assert crosswalk().control(control_id(name)).id == crosswalk().product.defences[name]


def test_a_name_without_a_place_says_where_to_add_it() -> None:
    with pytest.raises(UnknownName, match=r"add it under product in assets/reference/crosswalk\.yaml"):
        control_id("prayer")


def test_every_access_level_of_the_product_has_one_of_the_crosswalk() -> None:
    assert set(product.LEVELS) == set(Access)
    for level in product.LEVELS.values():
        assert crosswalk().level(level).id == level


@pytest.mark.parametrize(
    ("defences", "level"),
    [
        ([], "black_box_scores"),
        (["temperature"], "black_box_scores"),
        (["rounding"], "black_box_topk_rounded"),
        (["top-k", "output-noise"], "black_box_topk_rounded"),
        (["rounding", "label-only"], "label_only"),
    ],
)
def test_what_leaves_the_api_decides_the_access_level(defences: list[str], level: str) -> None:
    chosen = tuple(Choice(name=one) for one in defences)
    assert access_level(Exposure(access=Access.SCORES, defences=chosen)).id == level
    assert access_level(Exposure(access=Access.WHITE_BOX, defences=chosen)).id == "white_box"


def test_controls_are_told_with_what_is_switched_on_of_them() -> None:
    exposure = Exposure(access=Access.SCORES, query_budget=5, monitor=True, defences=(Choice(name="top-k"),))
    assert controls_of([Choice(name="dp-sgd")], exposure) == {
        "dp_training": ("dp-sgd",),
        "output_reduction": ("top-k",),
        "rate_limit": ("query-budget",),
        "logging_monitoring": ("monitor",),
    }
    assert controls_of([], Exposure()) == {}


def test_the_default_policy_starts_from_the_severity_of_the_crosswalk() -> None:
    assert {kind.value: level for kind, level in FLOORS.items()} == {
        row.id: row.severity_floor for row in crosswalk().data
    }
