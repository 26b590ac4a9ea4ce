"""Guesses as plain values: the CSV of a run and what its page shows."""

import csv
import io
import json
import math

import torch

from inversion_core.metrics.records import PREVIEW, describe_records, records_csv
from inversion_core.tables import TableTruth
from inversion_core.values import Claim, Reconstruction
from tests.metrics.tables import guesses, truth

MEMBERS = guesses([1, 1, 0, 0], [1, 0, 0, 1], [1, 1, 0, 0], cases=[1, 2, 1, 3])
CONTROL = guesses([1, 0], [1, 1], [0, 0])
TOLD = truth(MEMBERS, CONTROL, levels=("no, never", 'yes "often"'), groups={"sex": ["f", "m", "f", "m"]})


def found(told: TableTruth) -> Reconstruction:
    count = len(told.members.values)
    return Reconstruction(told.members.beliefs, torch.arange(count) + 10, torch.linspace(0, 1, count))


def rows(told: TableTruth) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(records_csv(found(told), told).decode())))


def test_one_row_a_record() -> None:
    told = rows(TOLD)
    assert [row["record"] for row in told] == ["10", "11", "12", "13"]
    assert told[1] == {
        "record": "11",
        "truth": 'yes "often"',
        "guess": "no, never",
        "right": "0",
        "confidence": "0.333333",
        "case": "2",
        "imputer_guess": 'yes "often"',
        "imputer_right": "1",
        "imputer_confidence": "1.0",
        "group: sex": "m",
    }


def test_a_missing_truth_is_empty_and_neither_right_nor_wrong() -> None:
    holed = guesses([1, 1], [1, 1])
    holed.values[0] = torch.tensor(math.nan).long()
    told = rows(truth(holed))
    assert (told[0]["truth"], told[0]["right"], told[0]["imputer_right"]) == ("", "", "")
    assert (told[1]["truth"], told[1]["right"], told[1]["case"]) == ("b", "1", "")


def test_the_summary_is_json_and_counts_right() -> None:
    told = json.loads(json.dumps(describe_records(found(TOLD), TOLD), allow_nan=False))
    assert told["claim"] == Claim.ATTRIBUTE.value
    assert (told["levels"], told["positive"], told["common"]) == (
        ["no, never", 'yes "often"'],
        'yes "often"',
        "no, never",
    )
    assert told["confusion"] == {
        "attack": [[1, 1], [1, 1]],
        "imputer": [[2, 0], [0, 2]],
        "control": [[0, 1], [0, 1]],
        "control_imputer": [[1, 0], [1, 0]],
    }
    assert [(row["case"], row["n"], row["attack"], row["imputer"]) for row in told["cases"]] == [
        (1, 2, 1.0, 1.0),
        (2, 1, 0.0, 1.0),
        (3, 1, 0.0, 1.0),
    ]
    assert [(row["level"], row["n"], row["attack"]) for row in told["groups"]["sex"]] == [
        ("f", 2, 1.0),
        ("m", 2, 0.0),
    ]
    assert told["groups"]["sex"][0]["attack_low"] < 1.0 == told["groups"]["sex"][0]["attack_high"]
    assert told["ppv"][-1] == {"k": 4, "attack": 0.5, "imputer": 0.5}
    assert told["residual_risk"]["value"] == 0.0
    assert told["preview"][0]["truth"] == 'yes "often"' and told["preview"][0]["record"] == 10


def test_numbers_that_are_none_become_null() -> None:
    made = guesses([1, 0], [1, 0])
    made.beliefs[:] = math.nan
    told = truth(made, guesses([1], [1]))
    reconstruction = Reconstruction(made.beliefs, torch.arange(2), torch.full((2,), math.nan))
    summary = json.loads(json.dumps(describe_records(reconstruction, told), allow_nan=False))
    assert summary["residual_risk"] is None and summary["preview"][0]["confidence"] is None


def test_the_summary_stays_small() -> None:
    many = guesses([0, 1] * 20_000, [1, 1] * 20_000, cases=[1, 2] * 20_000)
    told = truth(many, groups={"sex": ["f", "m"] * 20_000})
    summary = describe_records(found(told), told)
    assert len(summary["preview"]) == PREVIEW and len(json.dumps(summary)) < 100_000
