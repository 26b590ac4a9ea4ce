"""A scenario is everything a run depends on, as frozen JSON; equal keys are one computation."""

from typing import Any, Literal

from pydantic import Field, ValidationError

from inversion_core import combination
from inversion_core.attacks.base import Attack
from inversion_core.choices import (
    Choice,
    DatasetChoice,
    Exposure,
    FederatedRound,
    Frozen,
    SideKnowledge,
    TargetChoice,
)
from inversion_core.datasets.base import Dataset
from inversion_core.defences.base import OutputDefence, TrainingDefence, UpdateDefence
from inversion_core.errors import InversionError, ScenarioInvalid, UnknownName
from inversion_core.keys import content_key
from inversion_core.registry import find
from inversion_core.targets.base import Target
from inversion_core.values import Family, Modality

DATA_VERSION = 3
"""Raised when the same scenario would give other numbers than before, so that stored runs are not mistaken
for new.
"""


class Scenario(Frozen):
    """Dataset, target, exposure, attack, victims and seed."""

    dataset: DatasetChoice = DatasetChoice(name="people")
    target: TargetChoice
    exposure: Exposure = Exposure()
    attack: Choice
    victims: Literal["all"] | tuple[int, ...] = "all"
    seed: int = Field(0, ge=0, lt=2**63)

    def canonical(self) -> dict[str, Any]:
        """Return the scenario with every default written out; raises ScenarioInvalid when it has problems."""
        if found := problems(self):
            raise ScenarioInvalid(found)
        data: dict[str, Any] = self.model_dump(mode="json")
        data["dataset"]["options"] = self.make_dataset().params.model_dump(mode="json")
        data["target"]["params"] = self.make_target().params.model_dump(mode="json")
        data["target"]["defences"] = _spelled_out(self.training_defences())
        data["exposure"]["defences"] = _spelled_out([*self.output_defences(), *self.update_defences()])
        data["attack"]["params"] = self.make_attack().params.model_dump(mode="json")
        if self.modality() is not Modality.TABLE:
            del data["exposure"]["knowledge"]
        else:
            data["exposure"]["knowledge"] = self.knowledge().model_dump(mode="json")
        if not self.exposure.monitor:
            del data["exposure"]["monitor"]  # so that keys from before there was one stay what they were
        if self.exposure.round is None:
            del data["exposure"]["round"]
        if not self.exposure.channel.hides:
            del data["exposure"]["channel"]  # likewise
        return data

    def key(self) -> str:
        """Return the sha256 of what the run depends on: equal keys give equal results."""
        parts = {
            "scenario": self.canonical(),
            "data_version": DATA_VERSION,
            "dataset": self.make_dataset().fingerprint(),
        }
        target = find("targets", self.target.name, self.modality())
        assert issubclass(target, Target)
        if target.revision > 1:  # so that keys of those that never changed last
            parts["target_revision"] = target.revision
        return content_key(parts)

    def modality(self) -> Modality:
        """Return what the dataset consists of, without looking at it; raises UnknownName."""
        kind = find("datasets", self.dataset.name)
        assert issubclass(kind, Dataset)
        return kind.modality

    def family(self) -> Family:
        """Return the family of the attack; raises UnknownName."""
        kind = find("attacks", self.attack.name)
        assert issubclass(kind, Attack)
        return kind.family

    def knowledge(self) -> SideKnowledge:
        """Return what the adversary of a table brings along."""
        return self.exposure.knowledge or SideKnowledge()

    def make_dataset(self) -> Dataset:
        """Return the dataset, not yet loaded."""
        kind = find("datasets", self.dataset.name)
        assert issubclass(kind, Dataset)
        path = {"path": self.dataset.path} if kind.takes_path else {}
        return kind(**path, **self.dataset.options)

    def make_target(self) -> Target:
        """Return the target, not yet trained."""
        made = find("targets", self.target.name, self.modality())(**self.target.params)
        assert isinstance(made, Target)
        return made

    def make_attack(self) -> Attack:
        """Return the attack."""
        made = find("attacks", self.attack.name)(**self.attack.params)
        assert isinstance(made, Attack)
        return made

    def training_defences(self) -> list[TrainingDefence]:
        """Return the defences of the training, in order."""
        made = [find("defences", choice.name)(**choice.params) for choice in self.target.defences]
        return [defence for defence in made if isinstance(defence, TrainingDefence)]

    def output_defences(self) -> list[OutputDefence]:
        """Return the defences of the outputs, in order."""
        made = [find("defences", choice.name)(**choice.params) for choice in self.exposure.defences]
        return [defence for defence in made if isinstance(defence, OutputDefence)]

    def update_defences(self) -> list[UpdateDefence]:
        """Return the defences of the updates of a federated round, in order."""
        made = [find("defences", choice.name)(**choice.params) for choice in self.exposure.defences]
        return [defence for defence in made if isinstance(defence, UpdateDefence)]

    def federated(self) -> FederatedRound:
        """Return the round whose updates the adversary sees."""
        return self.exposure.round or FederatedRound()


def read_scenario(text: str) -> Scenario:
    """Parse Scenario JSON; raises ScenarioInvalid with one sentence a problem."""
    try:
        scenario = Scenario.model_validate_json(text)
    except ValidationError as error:
        raise ScenarioInvalid(sentences(error, "scenario")) from error
    if found := problems(scenario):
        raise ScenarioInvalid(found)
    return scenario


def problems(scenario: Scenario) -> list[str]:
    """Return every reason why this scenario cannot run, one sentence each; empty when it can."""
    return mistakes(scenario) or combination.problems(scenario)


def problems_of_service(scenario: Scenario) -> list[str]:
    """Return every reason why this target cannot be trained and served so, whoever asks it."""
    return mistakes(scenario) or combination.problems_of_service(scenario)


def mistakes(scenario: Scenario) -> list[str]:
    """Return unknown names and wrong parameters, one sentence each: what a choice can be told on its own."""
    found = _problems_of_dataset(scenario.dataset)
    modality = None if found else scenario.modality()
    choices = [("targets", "target", scenario.target), ("attacks", "attack", scenario.attack)]
    choices += [
        ("defences", f"target.defences.{i}", choice) for i, choice in enumerate(scenario.target.defences)
    ]
    choices += [
        ("defences", f"exposure.defences.{i}", choice) for i, choice in enumerate(scenario.exposure.defences)
    ]
    for kind, place, choice in choices:
        try:
            find(kind, choice.name, modality)(**choice.params)
        except UnknownName as error:
            found.append(f"{place}: {error}")
        except ValidationError as error:
            found += sentences(error, f"{place}.params")
    return found


def sentences(error: ValidationError, subject: str) -> list[str]:
    """Return pydantic's complaints as sentences: where, what is wrong, what was given."""
    told = []
    for detail in error.errors():
        place = ".".join(str(part) for part in (subject, *detail["loc"]))
        if detail["type"] == "extra_forbidden":
            told.append(f"{place} is no known key; remove it or correct its spelling")
        elif detail["type"] == "missing":
            told.append(f"{place} is missing; add it")
        else:
            rule = detail["msg"][0].lower() + detail["msg"][1:]
            told.append(f"{place}: {rule}; {str(detail['input'])[:80]!r} was given")
    return told


def _spelled_out(defences: list[Any]) -> list[dict[str, Any]]:
    return [{"name": one.name, "params": one.params.model_dump(mode="json")} for one in defences]


def _problems_of_dataset(choice: DatasetChoice) -> list[str]:
    try:
        kind = find("datasets", choice.name)
        assert issubclass(kind, Dataset)
        if kind.takes_path and not choice.path:
            return [f"dataset.path: {choice.name!r} reads a folder or file, none was given; add a path"]
        if choice.path and not kind.takes_path:
            return [f"dataset.path: {choice.name!r} takes no path, {choice.path!r} was given; remove it"]
        kind(**({"path": choice.path} if kind.takes_path else {}), **choice.options)
    except ValidationError as error:
        return sentences(error, "dataset.options")
    except InversionError as error:
        return [f"dataset: {error}"]
    return []
