"""What of a scenario does not go together, in sentences, although every part of it is fine on its own."""

from typing import TYPE_CHECKING, Literal

from inversion_core.attacks.base import Attack
from inversion_core.component import Component
from inversion_core.datasets.base import Dataset, PhotoDataset, TableDataset
from inversion_core.defences.base import (
    Defence,
    LearntDefence,
    OutputDefence,
    TrainingDefence,
    UpdateDefence,
)
from inversion_core.priors.base import prior_names
from inversion_core.registry import find, targets_for
from inversion_core.targets.base import CLASSIFIED, RemoteTarget, Target
from inversion_core.values import Access, Family

if TYPE_CHECKING:
    from inversion_core.scenario import Scenario


def problems(scenario: "Scenario") -> list[str]:
    """Return what does not go together although every part is fine, one sentence each."""
    attack, target, dataset = scenario.make_attack(), scenario.make_target(), scenario.make_dataset()
    found = []
    if not scenario.exposure.access.covers(attack.needs):
        found.append(
            f"attack {attack.name!r} needs {attack.needs} access, the exposure gives "
            f"{scenario.exposure.access}; choose another attack or another exposure"
        )
    for part in (attack, target):
        if part.modality not in (None, dataset.modality):
            found.append(
                f"{part.name!r} works on {part.modality} data, {dataset.name!r} is {dataset.modality}; "
                "choose one that fits the data"
            )
    if attack.family not in target.families:
        fitting = ", ".join(targets_for(attack.family, modality=dataset.modality)) or "none of this data"
        found.append(
            f"attack {attack.name!r} is one of {attack.family}, target {target.name!r} can be the target of "
            f"{', '.join(target.families)}; choose another attack or another target ({fitting})"
        )
    elif reason := attack.incompatible(type(target)):
        found.append(reason)
    if reason := target.objection(dataset):
        found.append(reason)
    found += _of_remote(scenario, target) or _of_defences(scenario, target)
    found += _of_round(scenario, attack, target)
    found += _of_monitor(scenario, target, dataset)
    found += _of_membership(scenario, attack, target)
    found += _of_group(attack, dataset)
    found += _of_channel(scenario, target)
    found += _of_prior(scenario, attack)
    found += _of_public(scenario, attack, dataset)
    found += _of_victims(scenario.victims, dataset.victim_count())
    found += _of_knowledge(scenario, attack, dataset)
    return found


def problems_of_service(scenario: "Scenario") -> list[str]:
    """Return why this target cannot be trained and served so, whoever asks it, one sentence each."""
    target = scenario.make_target()
    found = _of_defences(scenario, target)
    if not set(target.families) & set(CLASSIFIED):
        found.append(
            f"the service answers with scores of classes, {target.name!r} has none; choose a classifier"
        )
    return found + _of_public(scenario, None, scenario.make_dataset())


def _of_knowledge(scenario: "Scenario", attack: Attack, dataset: Dataset) -> list[str]:
    """What an attack on a table needs to know, and columns that do not exist."""
    if not isinstance(dataset, TableDataset):
        told = "exposure.knowledge is for tables, {!r} is none; remove it"
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


def _of_round(scenario: "Scenario", attack: Attack, target: Target) -> list[str]:
    """What belongs to a federated round and to nothing else."""
    gradients = scenario.exposure.access is Access.GRADIENTS
    if not gradients:
        told = "exposure.round is what an adversary with {} access sees, the exposure gives {}; remove it"
        given = scenario.exposure.access
        return [told.format(Access.GRADIENTS, given)] if scenario.exposure.round else []
    if attack.family is not Family.GRADIENTS:
        return []  # its needs are told already
    found = []
    if scenario.target.defences:
        found.append(
            "target.defences change a training that is over, a federated round starts from a network without "
            f"them, {scenario.target.defences[0].name!r} was given; remove it"
        )
    if isinstance(target, RemoteTarget):
        found.append(
            f"a federated round sends the network to its clients, {target.name!r} runs elsewhere; choose "
            "another target"
        )
    return found


def _of_group(attack: Attack, dataset: Dataset) -> list[str]:
    """A group that the table does not know."""
    column = getattr(attack.params, "column", None)
    if column is None or not isinstance(dataset, TableDataset):
        return []
    levels = {one.name: one.levels for one in dataset.columns if one.levels is not None}
    if column not in levels:
        return [
            f"attack.params.column names a categorical column, {column!r} is none of {dataset.name!r}; use "
            "one "
            f"of {', '.join(levels)}"
        ]
    level = getattr(attack.params, "level", None)
    if level in levels[column]:
        return []
    return [
        f"attack.params.level names a value of {column!r}, {level!r} is none of them; use one of "
        f"{', '.join(levels[column][:12])}"
    ]


def _of_defences(scenario: "Scenario", target: Target) -> list[str]:
    training = scenario.training_defences()
    updates = scenario.exposure.access is Access.GRADIENTS
    found = [f"target.defences: {told}" for one in training if (told := one.objection(training))]
    if scenario.exposure.defences and not set(target.families) & set(CLASSIFIED):
        found.append(
            f"exposure.defences change the scores of a classifier, {target.name!r} is none, "
            f"{scenario.exposure.defences[0].name!r} was given; remove it"
        )
    for place, choices, kind in (
        ("target", scenario.target.defences, TrainingDefence),
        ("exposure", scenario.exposure.defences, OutputDefence | UpdateDefence),
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
            elif place == "exposure" and isinstance(defence, UpdateDefence) is not updates:
                released = "updates" if updates else "answers"
                found.append(
                    f"exposure.defences: {scenario.exposure.access} access shows {released}, {choice.name!r} "
                    f"changes {'answers' if updates else 'updates'}; remove it"
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


def _of_remote(scenario: "Scenario", target: Target) -> list[str]:
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


def _of_monitor(scenario: "Scenario", target: Target, dataset: Dataset) -> list[str]:
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


def _of_membership(scenario: "Scenario", attack: Attack, target: Target) -> list[str]:
    """What membership cannot be asked of: a model whose training nobody here knows, a key that is watched."""
    if attack.family is not Family.MEMBERSHIP:
        return []
    found = []
    if isinstance(target, RemoteTarget):
        found.append(
            f"attack {attack.name!r} is judged by who was trained on, which nobody here knows of "
            f"{target.name!r}, a model that runs elsewhere; name a target that is trained here"
        )
    if scenario.exposure.monitor:
        found.append(
            f"exposure.monitor looks for searches, attack {attack.name!r} asks about each record once as "
            "honest users do; remove it"
        )
    return found


def _of_channel(scenario: "Scenario", target: Target) -> list[str]:
    """What a server that cannot read what it is asked cannot do."""
    exposure = scenario.exposure
    if not exposure.channel.hides:
        return []
    found = []
    if exposure.access is not Access.SCORES:
        found.append(
            f"exposure.channel: through {exposure.channel.value!r} the client decrypts every score, so it "
            f"has scores access, the exposure gives {exposure.access}; choose scores or the plain channel"
        )
    if not target.affine:
        found.append(
            f"exposure.channel: {exposure.channel.value!r} computes one linear map, {target.name!r} is more "
            "than that; choose the target softmax or the plain channel"
        )
    for name, given in (
        ("defences", ", ".join(one.name for one in exposure.defences)),
        ("monitor", "a monitor" if exposure.monitor else ""),
    ):
        if given:
            found.append(
                f"exposure.{name}: through {exposure.channel.value!r} the service sees neither questions nor "
                f"scores, {given} has nothing to work on; remove it or choose the plain channel"
            )
    return found


def _of_prior(scenario: "Scenario", attack: Component) -> list[str]:
    wanted = getattr(attack.params, "prior", None)
    if wanted is None or wanted.endswith(".safetensors") or wanted in prior_names():
        return []
    if wanted == "auto" and scenario.dataset.name in prior_names():
        return []
    return [
        f"attack.params.prior: no prior is shipped under {wanted!r} for {scenario.dataset.name!r} "
        f"(shipped: {', '.join(prior_names()) or 'none'}); make one with train-prior and give its path"
    ]


def _of_public(scenario: "Scenario", attack: Attack | None, dataset: Dataset) -> list[str]:
    """What would learn from photos of other people where the data has nobody else."""
    photos = isinstance(dataset, PhotoDataset)
    if isinstance(dataset, PhotoDataset) and dataset.has_public():
        return []
    learning = [("attack", attack.name)] if photos and attack and attack.needs_public else []
    learning += [("target", scenario.target.name)] if photos and scenario.make_target().needs_public else []
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


def _of_victims(victims: Literal["all"] | tuple[int, ...], count: int) -> list[str]:
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
