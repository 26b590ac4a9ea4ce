"""ASSESSMENT.json: a named set of runs about one system as it is deployed, and about whom it knows.

{"name": "Door camera", "mode": "assessment",
 "system": {"dataset": {"name": "people"}, "target": {"name": "cnn", "defences": [{"name": "dp-sgd"}]},
            "exposure": {"access": "scores", "query_budget": 30000}},
 "context": {"purpose": "opens the door of an office", "data": "face", "people": 100, "class_is_person": true,
             "audience": "authenticated", "release": "service"},
 "scenarios": [{"target": {"name": "cnn"}, "attack": {"name": "plug-and-play"}, "seed": 0}, ...]}

The scenarios are what was, or is to be, run; results are found in the store by the keys of the scenarios, so
that the same file means the same evidence on every machine.
"""

from enum import StrEnum
from typing import Literal

from pydantic import Field, ValidationError

from inversion_core.choices import DatasetChoice, Exposure, Frozen, TargetChoice
from inversion_core.errors import ScenarioInvalid
from inversion_core.scenario import Scenario, problems, sentences

LONGEST = 4_000
"""Characters of a text that people write."""
MOST_SCENARIOS = 500


class Mode(StrEnum):
    """Whether this is an exercise or evidence; what was run for training can never be signed off."""

    TRAINING = "training"
    ASSESSMENT = "assessment"


class Audience(StrEnum):
    """Who may ask the deployed model."""

    INSIDERS = "insiders"
    AUTHENTICATED = "authenticated"
    PARTNERS = "partners"
    PUBLIC = "public"


class Release(StrEnum):
    """Where the model itself is."""

    INTERNAL = "internal"
    SERVICE = "service"
    DEVICE = "device"
    PUBLISHED = "published"


class DataKind(StrEnum):
    """What kind of data the model learnt from; the ids of `data` in assets/reference/crosswalk.yaml."""

    FACE = "face"
    OTHER_BIOMETRIC = "other_biometric"
    MEDICAL = "medical_image_or_record"
    FINANCIAL = "financial_tabular"
    LOCATION = "location_or_behaviour"
    TEXT = "text_messages"
    HANDWRITING = "handwriting_or_voice"
    GENERIC = "generic_objects_or_synthetic"


class Aggravation(StrEnum):
    """What makes harm to a person worse, whatever the attack."""

    IRREVERSIBLE = "irreversible"
    LARGE_SCALE = "large scale"
    SENSITIVE_CONTEXT = "sensitive context"
    VULNERABLE = "children or vulnerable people"


class System(Frozen):
    """What is deployed: the data, the target with its training defences, and how it can be reached."""

    dataset: DatasetChoice = DatasetChoice(name="people")
    target: TargetChoice
    exposure: Exposure = Exposure()


class Context(Frozen):
    """What people say of the system, and no run can tell. Texts are free; empty ones are shown as missing."""

    purpose: str = Field("", max_length=LONGEST, description="What the system is for.")
    owner: str = Field("", max_length=200, description="Who answers for it (the controller).")
    data: DataKind = Field(DataKind.GENERIC, description="What kind of data the model learnt from.")
    people: int | None = Field(None, ge=0, description="How many people are in the training data.")
    class_is_person: bool = Field(False, description="Whether one class of the model is one person.")
    aggravations: tuple[Aggravation, ...] = Field((), description="What makes harm worse.")
    audience: Audience = Field(Audience.AUTHENTICATED, description="Who may ask the deployed model.")
    release: Release = Field(Release.SERVICE, description="Where the model itself is.")
    logged: bool = Field(False, description="Whether queries are logged and somebody reads the log.")
    rate_limited: bool = Field(False, description="Whether a caller's queries are limited.")
    no_control: str = Field(
        "", max_length=LONGEST, description="Why no control group of people outside the training was run."
    )
    notes: str = Field("", max_length=LONGEST, description="Anything else a reader should know.")


class Assessment(Frozen):
    """A named set of runs about one system. `policy` is the version of the policy it is rated by, None: the
    one in force.
    """

    name: str = Field(min_length=1, max_length=128)
    mode: Mode = Mode.ASSESSMENT
    system: System
    context: Context = Context()
    scenarios: tuple[Scenario, ...] = Field((), max_length=MOST_SCENARIOS)
    policy: int | None = Field(None, ge=1)
    format: Literal[1] = 1


def read_assessment(text: str) -> Assessment:
    """Parse ASSESSMENT.json; raises ScenarioInvalid with one sentence a problem."""
    try:
        found = Assessment.model_validate_json(text)
    except ValidationError as error:
        raise ScenarioInvalid(sentences(error, "assessment")) from error
    told = [
        f"assessment.scenarios.{place}: {problem}"
        for place, scenario in enumerate(found.scenarios)
        for problem in problems(scenario) or foreign(found.system, scenario)
    ]
    if told:
        raise ScenarioInvalid(told)
    return found


def foreign(system: System, scenario: Scenario) -> list[str]:
    """Return why a scenario is not about a system, one sentence each; empty when it is.

    Defences, exposure and whom a defence leaves out of the data may differ: that is what is compared.
    """
    found = []
    if scenario.dataset != system.dataset:
        found.append(
            f"an assessment is about one system, its data is {system.dataset.name!r} and the scenario's "
            f"{scenario.dataset.name!r} with its own path and options; make another assessment for it"
        )
    if (scenario.target.name, scenario.target.params) != (system.target.name, system.target.params):
        found.append(
            f"an assessment is about one system, its target is {system.target.name!r} and the scenario's "
            f"{scenario.target.name!r} with its own parameters; make another assessment for it"
        )
    return found
