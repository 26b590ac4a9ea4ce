"""What goes beside a report: strict JSON, hashes of everything, and a mark that changes with what is said."""

import hashlib
import json
from dataclasses import replace

import pytest

from inversion_core.reports.blocks import Picture
from inversion_core.reports.document import as_json, fingerprint, manifest
from tests.reports.sample import face, one_block, sample


def test_equal_data_are_equal_bytes_whatever_their_order() -> None:
    assert as_json({"b": 1, "a": [2, "é"]}) == as_json({"a": [2, "é"], "b": 1})
    assert json.loads(as_json({"a": "é\ud800"}))["a"] == "é\ud800"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_has_no_word_for_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"deep": [{"er": number}]})


def test_a_manifest_has_hash_and_size_of_every_file() -> None:
    told = json.loads(manifest({"report.html": b"one", "report.pdf": b""}))["files"]
    assert told["report.html"] == {"sha256": hashlib.sha256(b"one").hexdigest(), "bytes": 3}
    assert told["report.pdf"]["bytes"] == 0 and len(told) == 2


def test_the_mark_follows_everything_that_is_said_and_shown() -> None:
    report = sample()
    others = [
        replace(report, version=4),
        replace(report, banner=()),
        replace(report, sections=report.sections[:-1]),
        one_block(Picture(face(1), "a", "b")),
        one_block(Picture(face(2), "a", "b")),
    ]
    assert fingerprint(report) == fingerprint(sample())
    assert len({fingerprint(one) for one in (report, *others)}) == 6
