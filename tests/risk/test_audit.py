"""The hash chain: whatever is done to a log afterwards is found, and told where."""

from dataclasses import replace

import pytest

from inversion_core.risk.audit import START, Actor, Entry, digest, follow, verify

ADA = Actor("ada", "approver")


def chain(count: int, first: str = "act 0") -> list[Entry]:
    lines: list[Entry] = []
    for place in range(count):
        action = first if place == 0 else f"act {place}"
        last = lines[-1] if lines else None
        lines.append(follow(last, 1000.5 + place, ADA, action, "subject", {"n": place, "why": "é"}))
    return lines


def test_a_whole_log_has_no_problems_and_neither_has_an_empty_one() -> None:
    lines = chain(5)
    assert verify(lines) == verify([]) == []
    assert verify(lines, head=lines[-1].hash) == []
    assert lines[0].previous == START and lines[1].previous == lines[0].hash


def test_a_log_that_grew_after_its_head_was_noted_is_whole() -> None:
    lines = chain(5)
    assert verify(lines, head=lines[2].hash) == []


@pytest.mark.parametrize("field", ["time", "actor", "role", "action", "subject", "payload"])
def test_a_changed_line_is_found(field: str) -> None:
    lines = chain(5)
    value = getattr(lines[2], field)
    lines[2] = replace(lines[2], **{field: value + 1 if field == "time" else value + " "})
    assert verify(lines) == ["line 3 was changed: its words no longer give its hash"]


def test_a_changed_line_with_a_fresh_hash_is_found_by_the_line_after_it() -> None:
    lines = chain(5)
    lines[2] = replace(lines[2], actor="eve")
    lines[2] = replace(lines[2], hash=digest(lines[2]))
    (told,) = verify(lines)
    assert told.startswith("line 4 does not follow line 3")


def test_a_removed_line_is_found() -> None:
    lines = chain(5)
    del lines[2]
    assert verify(lines)[0] == "line 3 is missing"
    assert verify(chain(5)[3:])[0] == "lines 1 to 3 are missing"


def test_a_removed_line_is_found_when_the_rest_is_counted_anew() -> None:
    lines = chain(5)
    del lines[2]
    counted = [replace(line, seq=place) for place, line in enumerate(lines, start=1)]
    assert verify([replace(line, hash=digest(line)) for line in counted])


def test_an_inserted_line_is_found() -> None:
    lines = chain(5)
    lines.insert(2, follow(lines[1], 1002.0, Actor("eve"), "approve", "subject", {}))
    assert any("does not follow" in told for told in verify(lines))
    assert any("moved or inserted" in told for told in verify(lines))


def test_lines_in_another_order_are_found() -> None:
    lines = chain(5)
    lines[1], lines[2] = lines[2], lines[1]
    assert len(verify(lines)) >= 2


def test_a_tail_that_was_cut_off_is_found_by_the_head_alone() -> None:
    lines = chain(5)
    assert verify(lines[:3]) == []
    (told,) = verify(lines[:3], head=lines[-1].hash)
    assert lines[-1].hash in told and "it has 3 lines now" in told
    assert "it has 0 lines now" in verify([], head=lines[-1].hash)[0]


def test_a_log_written_anew_is_found_by_the_head_alone() -> None:
    head = chain(5)[-1].hash
    other = chain(5, first="something else")
    assert verify(other) == []
    assert len(verify(other, head=head)) == 1


def test_details_are_kept_as_the_text_that_was_hashed() -> None:
    assert chain(1)[0].payload == '{"n":0,"why":"é"}'
    assert chain(1)[0].details == {"n": 0, "why": "é"}
