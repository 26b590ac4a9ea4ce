"""The JUnit file: of the shape that CI servers read, and read back by a parser that is not ours."""

from xml.etree import ElementTree

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from inversion_core.reports.junit import Case, Outcome, junit

CASES = (
    Case("worst class", "gate.threshold", "fail", "0.16 is above 0.10", 1.25, "two\nlines"),
    Case("overall", "gate.threshold", "pass", seconds=0.5),
    Case("weights", "gate.coverage", "skipped", "NOT RUN"),
    Case("labels", "gate.coverage", "error", "the store cannot be read", output="trace"),
)
ATTRIBUTES = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, set()),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"}, set()),
    "testcase": ({"name", "classname", "time"}, set()),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}
"""Of each element: the attributes that the common schema knows; all of them are written."""
BELOW = {
    "testsuites": {"testsuite"},
    "testsuite": {"testcase"},
    "testcase": {"failure", "error", "skipped", "system-out"},
}


def test_every_element_stands_where_the_schema_has_it() -> None:
    root = ElementTree.fromstring(junit("gate", CASES))
    assert root.tag == "testsuites"
    for element in root.iter():
        assert set(element.attrib) == ATTRIBUTES[element.tag][0]
        assert {kid.tag for kid in element} <= BELOW.get(element.tag, set())
    for case in root.iter("testcase"):
        tags = [kid.tag for kid in case]
        assert sum(tag != "system-out" for tag in tags) <= 1 and tags == sorted(
            tags, key=lambda tag: tag == "system-out"
        )
        assert float(case.attrib["time"]) >= 0


def test_the_counts_are_those_of_the_cases() -> None:
    suite = ElementTree.fromstring(junit("gate", CASES))[0]
    assert {name: suite.attrib[name] for name in ("tests", "failures", "errors", "skipped", "time")} == {
        "tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "1.750",
    }  # fmt: skip


def test_another_reader_finds_the_same() -> None:
    suites = list(JUnitXml.fromstring(junit("gate", CASES)))
    assert [suite.name for suite in suites] == ["gate"] and suites[0].tests == 4
    failed, passed, skipped, broken = suites[0]
    assert (failed.name, failed.classname, failed.time) == ("worst class", "gate.threshold", 1.25)
    assert isinstance(failed.result[0], Failure) and failed.result[0].message == "0.16 is above 0.10"
    assert failed.system_out == "two\nlines"
    assert passed.is_passed and isinstance(skipped.result[0], Skipped) and isinstance(broken.result[0], Error)


@pytest.mark.parametrize("outcome", ["pass", "fail", "error", "skipped"])
def test_what_xml_cannot_hold_is_replaced(outcome: Outcome) -> None:
    hostile = "]]><failure/> & <x> \x00\x1b[31m \ud800 \ufffe \"'"
    made = junit(hostile, [Case(hostile, hostile, outcome, hostile, 0.0, hostile)])
    case = next(ElementTree.fromstring(made).iter("testcase"))
    shown = "]]><failure/> & <x> \ufffd\ufffd[31m \ufffd \ufffd \"'"
    assert case.attrib["name"] == case.attrib["classname"] == case.findtext("system-out") == shown
    assert len(case) == (1 if outcome == "pass" else 2)
    assert next(iter(next(iter(JUnitXml.fromstring(made))))).name == shown


def test_no_cases_are_an_empty_suite() -> None:
    assert next(iter(JUnitXml.fromstring(junit("gate", [])))).tests == 0
