"""References: every row says how sure we are of it, names follow versions, mistakes are sentences."""

from pathlib import Path

import pytest

from inversion_core.choices import Frozen
from inversion_core.errors import DataUnusable, UnknownName
from inversion_core.risk.data_files import read
from inversion_core.risk.references import ATLAS, Confidence, Reference, reference, references, versions


def test_every_row_is_whole() -> None:
    assert len(references()) > 120
    for one in references().values():
        assert one.name and one.source and one.version, one.id
        assert one.paraphrase.endswith((".", "?")) or one.framework.startswith(("ISO", "OWASP ML")), one.id


def test_of_protected_texts_only_id_and_title_are_kept() -> None:
    for one in references().values():
        if one.framework.startswith(("ISO", "OWASP ML")):
            assert one.paraphrase == "", one.id
        if one.framework.startswith("OWASP ML"):
            assert one.link.startswith("https://"), one.id


def test_what_is_from_memory_is_never_verified() -> None:
    memory = [one for one in references().values() if one.confidence is Confidence.MEMORY]
    assert len(memory) > 15 and "GDPR 4(1)" in {one.id for one in memory}
    assert not any(one.verified or one.checked_on for one in memory)
    others = [one for one in references().values() if one not in memory]
    assert all(one.verified and one.checked_on == "2026-10" for one in others)


def test_every_confidence_has_words_and_only_memory_says_unchecked() -> None:
    told = {one: one.words for one in Confidence}
    assert len(set(told.values())) == 4
    assert [one for one, text in told.items() if "not checked" in text] == [Confidence.MEMORY]


def test_a_row_that_is_checked_and_remembered_is_refused() -> None:
    row = reference("GDPR 32").model_dump() | {"checked_on": "2026-10"}
    with pytest.raises(ValueError, match="was never checked"):
        Reference.model_validate(row)


@pytest.mark.parametrize(
    ("wanted", "version", "name"),
    [
        ("AML.T0024.001", "4.8", "Invert ML Model"),
        ("AML.T0024.001", "4.9", "Invert AI Model"),
        ("AML.T0024.001", "2026.09", "Invert AI Model"),
        ("AML.M0002", "5.6", "Passive AI Output Obfuscation"),
        ("AML.M0002", "2026.07", "Predictive AI Output Obfuscation"),
        ("AML.M0004", "2026.09", "Limit AI Service Query Volume and Rate"),
        ("AML.TA0001", "2026.08", "AI Attack Adaptation"),
        ("AML.T0040", "4.8", "AI Model Inference API Access"),
    ],
)
def test_a_name_is_that_of_the_version(wanted: str, version: str, name: str) -> None:
    assert version in versions(ATLAS)
    assert reference(wanted).name_in(version) == name


def test_an_id_is_there_from_the_version_that_brought_it() -> None:
    team = reference("AML.M0035")
    assert [team.exists_in(one) for one in ("5.6", "2026.07", "2026.09")] == [False, True, True]


def test_an_unknown_id_is_told_in_a_sentence() -> None:
    with pytest.raises(UnknownName, match=r"'AML\.T9999' is none"):
        reference("AML.T9999")


class Small(Frozen):
    """A document of one field."""

    size: int


@pytest.mark.parametrize(
    ("text", "told"),
    [("size: many", "small.size: "), ("other: 1", "small.other is no known key"), ("a: [", "while parsing")],
)
def test_a_damaged_file_is_told_in_a_sentence(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "small.yaml").write_text(text)
    with pytest.raises(DataUnusable, match=r"assets/reference/small\.yaml, which is damaged") as error:
        read("small", Small, tmp_path)
    assert told in str(error.value)


def test_known_bad_mappings_are_absent() -> None:
    told = " ".join(one.model_dump_json() for one in references().values())
    assert reference("AML.T0025").name == "Exfiltration via Cyber Means"
    assert reference("ML03:2023").name == "Model Inversion Attack"
    assert reference("ML04:2023").name == "Membership Inference Attack"
    for wrong in ("CWE-", "Guidelines 04/2025", "06/2025", "27090"):
        assert wrong not in told
