"""Outcomes of a gate as JUnit XML, which Jenkins, GitLab and GitHub read: one suite, one case a check.

There is no standard; this keeps to what the schema of Jenkins' xunit plugin and the Ant task have in common:
testsuites, testsuite (name, tests, failures, errors, skipped, time), testcase (name, classname, time), in it
at most one of failure, error and skipped, and then system-out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from inversion_core.reports.text import plain

Outcome = Literal["pass", "fail", "error", "skipped"]

TAGS: dict[Outcome, str] = {"fail": "failure", "error": "error", "skipped": "skipped"}


@dataclass(frozen=True)
class Case:
    """One check: `message` says in a sentence why it did not pass, `output` is anything longer."""

    name: str
    classname: str
    outcome: Outcome
    message: str = ""
    seconds: float = 0.0
    output: str = ""


def junit(suite_name: str, cases: Sequence[Case]) -> bytes:
    """Return the cases as a JUnit file, UTF-8; characters that XML cannot hold are replaced visibly."""
    counts = {
        "tests": len(cases),
        "failures": sum(case.outcome == "fail" for case in cases),
        "errors": sum(case.outcome == "error" for case in cases),
    }
    totals = {name: str(count) for name, count in counts.items()}
    totals |= {"time": f"{sum(case.seconds for case in cases):.3f}"}
    skipped = str(sum(case.outcome == "skipped" for case in cases))
    root = ElementTree.Element("testsuites", {"name": plain(suite_name), **totals})
    suite = ElementTree.SubElement(
        root, "testsuite", {"name": plain(suite_name), **totals, "skipped": skipped}
    )
    for case in cases:
        add(suite, case)
    ElementTree.indent(root)
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def add(suite: ElementTree.Element, case: Case) -> None:
    """Append one case to its suite."""
    named = {"name": plain(case.name), "classname": plain(case.classname), "time": f"{case.seconds:.3f}"}
    made = ElementTree.SubElement(suite, "testcase", named)
    if case.outcome != "pass":
        said = {"message": plain(case.message)}
        if case.outcome != "skipped":
            said["type"] = case.outcome
        told = ElementTree.SubElement(made, TAGS[case.outcome], said)
        told.text = plain(case.message)
    if case.output:
        ElementTree.SubElement(made, "system-out").text = plain(case.output)
