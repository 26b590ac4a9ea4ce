"""A scenario is everything a run depends on, as frozen JSON; equal keys are one computation."""

from typing import Any, Literal

from pydantic import Field, ValidationError

from inversion_core.attacks.base import Attack
from inversion_core.choices import Choice, DatasetChoice, Exposure, Frozen, SideKnowledge, TargetChoice
from inversion_core.component import Component
from inversion_core.datasets.base import Dataset, PhotoDataset, TableDataset
from inversion_core.defences.base import Defence, LearntDefence, OutputDefence, TrainingDefence
from inversion_core.errors import InversionError, ScenarioInvalid, UnknownName
from inversion_core.keys import content_key
from inversion_core.priors.base import prior_names
from inversion_core.registry import find
from inversion_core.targets.base import RemoteTarget, Target
from inversion_core.values import Access, Modality

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
        data["exposure"]["defences"] = _spelled_out(self.output_defences())
        data["attack"]["params"] = self.make_attack().params.model_dump(mode="json")
        if self.modality() is Modality.IMAGE:
            del data["exposure"]["knowledge"]
        else:
            data["exposure"]["knowledge"] = self.knowledge().model_dump(mode="json")
        if not self.exposure.monitor:
            del data["exposure"]["monitor"]  # so that keys from before there was one stay what they were
        return data

    def key(self) -> str:
        """Return the sha256 of what the run depends on: equal keys give equal results."""
        parts = {
            "scenario": self.canonical(),
            "data_version": DATA_VERSION,
            "dataset": self.make_dataset().fingerprint(),
        }
        return content_key(parts)

    def modality(self) -> Modality:
        """Return what the dataset consists of, without looking at it; raises UnknownName."""
        kind = find("datasets", self.dataset.name)
        assert issubclass(kind, Dataset)
        return kind.modality

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
    return mistakes(scenario) or _problems_of_combination(scenario)


def problems_of_service(scenario: Scenario) -> list[str]:
    """Return every reason why this target cannot be trained and served so, whoever asks it."""
    if found := mistakes(scenario):
        return found
    found = _problems_of_defences(scenario, scenario.make_target())
    return found + _problems_of_public(scenario, None, scenario.make_dataset())


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


def _problems_of_combination(scenario: Scenario) -> list[str]:
    """What does not go together although every part is fine."""
    attack, target, dataset = scenario.make_attack(), scenario.make_target(), scenario.make_dataset()
    found = []
    if not scenario.exposure.access.covers(attack.needs):
        found.append(
            f"attack {attack.name!r} needs {attack.needs} access, the exposure gives "
            f"{scenario.exposure.access}; choose another attack or another exposure"
        )
    for part in (attack, target):
        if part.modality is not dataset.modality:
            found.append(
                f"{part.name!r} works on {part.modality} data, {dataset.name!r} is {dataset.modality}; "
                "choose one that fits the data"
            )
    if reason := attack.incompatible(type(target)):
        found.append(reason)
    found += _problems_of_remote(scenario, target) or _problems_of_defences(scenario, target)
    found += _problems_of_monitor(scenario, target, dataset)
    found += _problems_of_prior(scenario, attack)
    found += _problems_of_public(scenario, attack, dataset)
    found += _problems_of_victims(scenario.victims, dataset.victim_count())
    found += _problems_of_knowledge(scenario, attack, dataset)
    return found


def _problems_of_knowledge(scenario: Scenario, attack: Attack, dataset: Dataset) -> list[str]:
    """What an attack on a table needs to know, and columns that do not exist."""
    if not isinstance(dataset, TableDataset):
        told = "exposure.knowledge is for tables, {!r} holds pictures; remove it"
        return [told.format(dataset.name)] if scenario.exposure.knowledge else []
    known = scenario.knowledge()
    found = [
        f"attack {attack.name!r} needs the clue {clue.value!r}, exposure.knowledge.clues lacks it; "
        "add it or choose another attack"
        for clue in attack.clues
        if clue not in known.clues
    ]
    names = [column.name for place, column in enumerate(dataset.columns) if place != dataset.sensitive]
    found += [
        f"exposure.knowledge.unknown: columns are named as in the table, {name!r} is none of them "
        f"(or the sensitive one itself); use some of {', '.join(names)}"
        for name in known.unknown
        if name not in names
    ]
    if len(known.unknown) > attack.most_unknown:
        found.append(
            f"attack {attack.name!r} bears at most {attack.most_unknown} unknown columns, "
            f"{len(known.unknown)} were given; name fewer"
        )
    return found


def _problems_of_defences(scenario: Scenario, target: Target) -> list[str]:
    training = scenario.training_defences()
    found = [f"target.defences: {told}" for one in training if (told := one.objection(training))]
    for place, choices, kind in (
        ("target", scenario.target.defences, TrainingDefence),
        ("exposure", scenario.exposure.defences, OutputDefence),
    ):
        if place == "exposure" and choices and scenario.exposure.access is Access.TEMPLATES:
            found.append(
                f"exposure.defences change scores, a template store releases none, {choices[0].name!r} was "
                "given; remove it"
            )
        for choice in choices:
            defence = find("defences", choice.name)(**choice.params)
            assert isinstance(defence, Defence)
            if not isinstance(defence, kind):
                other = "exposure" if place == "target" else "target"
                found.append(
                    f"{place}.defences: {choice.name!r} belongs under {other}.defences; move it there"
                )
            elif reason := defence.incompatible(type(target)):
                found.append(f"{place}.defences: {reason}")
        names = [choice.name for choice in choices]
        found += [
            f"{place}.defences: {name!r} is listed {names.count(name)} times; keep one"
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        ]
    return found


def _problems_of_remote(scenario: Scenario, target: Target) -> list[str]:
    """What does not go together with a model that runs elsewhere."""
    if not isinstance(target, RemoteTarget):
        return []
    found = target.objections(scenario.exposure.access)
    for place, choices in (("target", scenario.target.defences), ("exposure", scenario.exposure.defences)):
        if choices:
            names = ", ".join(choice.name for choice in choices)
            found.append(
                f"{place}.defences: {target.name!r} is defended where it runs, {names} cannot be added here; "
                "remove them"
            )
    return found


def _problems_of_monitor(scenario: Scenario, target: Target, dataset: Dataset) -> list[str]:
    """Where nobody could watch, or nothing could teach what honest use looks like."""
    if not scenario.exposure.monitor:
        return []
    if not scenario.exposure.access.covers(Access.LABELS) or scenario.exposure.access is Access.WHITE_BOX:
        told = "exposure.monitor watches what a service is asked, {} access asks none; remove it"
        return [told.format(scenario.exposure.access)]
    if isinstance(target, RemoteTarget):
        return [f"exposure.monitor: {target.name!r} is watched where it runs, not here; remove it"]
    if isinstance(dataset, PhotoDataset) and dataset.has_public():
        return []
    return [
        f"exposure.monitor learns honest use from photos of people outside the data, {dataset.name!r} has "
        "none; choose the dataset people or remove it"
    ]


def _problems_of_prior(scenario: Scenario, attack: Component) -> list[str]:
    wanted = getattr(attack.params, "prior", None)
    if wanted is None or wanted.endswith(".safetensors") or wanted in prior_names():
        return []
    if wanted == "auto" and scenario.dataset.name in prior_names():
        return []
    return [
        f"attack.params.prior: no prior is shipped under {wanted!r} for {scenario.dataset.name!r} "
        f"(shipped: {', '.join(prior_names()) or 'none'}); make one with train-prior and give its path"
    ]


def _problems_of_public(scenario: Scenario, attack: Attack | None, dataset: Dataset) -> list[str]:
    """What would learn from photos of other people where the data has nobody else."""
    photos = isinstance(dataset, PhotoDataset)
    if isinstance(dataset, PhotoDataset) and dataset.has_public():
        return []
    learning = [("attack", attack.name)] if photos and attack and attack.needs_public else []
    learning += [
        ("defence", one.name) for one in scenario.training_defences() if photos and one.public_training()
    ]
    learning += [
        ("defence", one.name) for one in scenario.output_defences() if isinstance(one, LearntDefence)
    ]
    return [
        f"{kind} {name!r} learns from photos of people outside the data, {dataset.name!r} has none; "
        f"choose the dataset people or another {kind}"
        for kind, name in learning
    ]


def _problems_of_victims(victims: Literal["all"] | tuple[int, ...], count: int) -> list[str]:
    if victims == "all":
        return []
    if not victims:
        return ['victims is empty; name at least one or write "all"']
    wrong = [victim for victim in victims if not 0 <= victim < count]
    if wrong:
        return [f"victims are numbered 0 to {count - 1}, {wrong[:5]} were given; remove them"]
    if len(set(victims)) < len(victims):
        return ["victims names somebody twice; name each once"]
    return []
