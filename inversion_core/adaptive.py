"""What an attacker who knows the defences would run instead: a table of variants, and why each.

A defence that stops only the naive attack hides the model instead of protecting it. A variant spends no more
rows than the attack it stands for, so that both can be compared. Left out: attacks with other knowledge than
the naive one has, and what only the operator of a service sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inversion_core.choices import Choice
from inversion_core.defences.base import Defence, OutputDefence, TrainingDefence
from inversion_core.registry import find
from inversion_core.scenario import Scenario

TRAINING = "any defence of the training"
"""Stands for every training defence in the tables below."""
CARRIED = ("prior", "queries")
"""Parameters that another attack takes over from the naive one even where it left them at their defaults."""


@dataclass(frozen=True)
class Variant:
    """For the attacks and defences named (where the defence has the parameters `when`): the same attack, or
    `instead` another, with `params`. `title` and `why` are for the page.
    """

    attacks: tuple[str, ...]
    defences: tuple[str, ...]
    title: str
    why: str
    instead: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """For the attacks and defences named there is nothing to adapt; `why` is for the page."""

    attacks: tuple[str, ...]
    defences: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Adapted:
    """A scenario to run instead, the defence it answers to, what it does and why."""

    scenario: Scenario
    defence: str
    title: str
    why: str


ON_SCORES = (
    "label-only",
    "output-noise",
    "purifier",
    "randomised-smoothing",
    "rounding",
    "temperature",
    "top-k",
)
"""The output defences."""
AVERAGED = {"repeats": 2, "pairs": 8}
"""Twice the answers to half the steps: as many rows."""
COPIES = {**AVERAGED, "jitter": 1}

VARIANTS = (
    Variant(
        ("nes-latent",),
        ("output-noise",),
        "the mean of several answers",
        "Noise drawn anew at every question is gone in the mean of several answers to the same picture.",
        params=AVERAGED,
        when={"fresh": True},
    ),
    Variant(
        ("nes-latent",),
        ("output-noise",),
        "the mean over hardly different copies",
        "Noise decided by the bytes of a picture is another for a picture that differs by a grey level, and "
        "gone in the mean of such copies.",
        params=COPIES,
        when={"fresh": False},
    ),
    Variant(
        ("nes-latent",),
        ("output-noise",),
        "scores as small as the noise disregarded",
        "Scores as small as the noise tell nothing: where they all count alike, the search follows only what "
        "stands out of it.",
        params={"floor": 0.05},
    ),
    Variant(
        ("nes-latent",),
        ("randomised-smoothing",),
        "the mean over hardly different copies",
        "Votes are drawn anew for a picture that differs by a grey level; over such copies the shares are "
        "finer than one vote.",
        params=COPIES,
    ),
    Variant(
        ("nes-latent",),
        ON_SCORES,
        "by the labels alone",
        "Where scores are cut, drowned or gone, the winning label is still told, and an attack on labels "
        "needs no more.",
        instead="brep-mi",
    ),
    Variant(
        ("brep-mi",),
        ("output-noise",),
        "the commonest of three answers",
        "Noise turns a label now and then; the commonest of several answers to the same picture is right.",
        params={"repeats": 3},
        when={"fresh": True},
    ),
    Variant(
        ("brep-mi",),
        ("output-noise",),
        "the commonest over hardly different copies",
        "Noise decided by the bytes of a picture turns other labels for a picture that differs by a grey "
        "level; the commonest of such copies is right.",
        params={"repeats": 3, "jitter": 1},
        when={"fresh": False},
    ),
    *(
        Variant(
            ("lira", "loss-threshold", "rmia"),
            ("rounding",),
            "what rounding took away counted as half of the last digit",
            "A score that was rounded to nothing stands for one below half of the last digit; taken for next "
            "to nothing, it would outweigh every other difference.",
            params={"floor": 0.5 / 10**decimals},
            when={"decimals": decimals},
        )
        for decimals in range(1, 7)
    ),
    Variant(
        ("csmia",),
        ("label-only", "output-noise", "rounding", "temperature", "top-k"),
        "by the labels alone",
        "Where confidence is cut, drowned or gone, the labels alone still single out the records to learn "
        "from.",
        instead="lomia",
    ),
    Variant(
        ("plug-and-play",),
        ("mid",),
        "the mean of the bottleneck",
        "Noise in use blurs every slope; who holds the weights switches it off and takes the mean.",
        params={"quiet": True},
        when={"noise": True},
    ),
    Variant(
        ("plug-and-play",),
        (TRAINING,),
        "cross-entropy, three times the steps",
        "A defended network is flat or sharp elsewhere: cross-entropy weighs all classes where the margin "
        "sees two, and a longer search makes up for weaker slopes.",
        params={"loss": "cross-entropy", "steps": 120},
    ),
    Variant(
        ("plug-and-play",),
        (TRAINING,),
        "Poincare distance, three times the steps",
        "The Poincare distance keeps its slope where probabilities are saturated or flattened; a longer "
        "search makes up for weaker slopes.",
        params={"loss": "poincare", "steps": 120},
    ),
    Variant(
        ("mi-face",),
        (TRAINING,),
        "four times the steps",
        "Weaker slopes take more steps, and a target that never grows sure takes them all.",
        params={"steps": 400},
    ),
    Variant(
        ("inverting-gradients",),
        ("gradient-pruning",),
        "only what was sent",
        "Entries that were removed say nothing of the photo; compared are only those that were sent.",
        params={"only_sent": True},
    ),
    Variant(
        ("inverting-gradients",),
        ("gradient-noise", "local-dp"),
        "smoother pictures",
        "Noise on the update becomes noise in the picture; a stronger pull towards smooth pictures takes it "
        "out again.",
        params={"total_variation": 2.0},
    ),
)

STANDING = (
    Standing(
        ("lira", "loss-threshold", "rmia"),
        ("label-only", "purifier", "randomised-smoothing", "temperature", "top-k"),
        "Its shadow models answer behind the same defence, so it is adapted already; a threshold alone has "
        "nothing to adapt.",
    ),
    Standing(
        ("lira", "loss-threshold", "rmia"),
        ("output-noise",),
        "It asks about each record once; a record that differs is another record, and no mean is to be had.",
    ),
    Standing(
        ("lira", "loss-threshold", "rmia"),
        (TRAINING,),
        "Its shadow models are trained with the same defence, so it is adapted already; a threshold alone "
        "has nothing to adapt.",
    ),
    Standing(
        ("analytic-gradient", "deep-leakage", "inverting-gradients"),
        ("secure-aggregation",),
        "It explains the sum of the updates by the photos of all clients, and there is nothing finer to see.",
    ),
    Standing(
        ("analytic-gradient",),
        ("gradient-noise", "gradient-pruning", "local-dp"),
        "It takes the photo that fits all units best, which averages noise and gaps over all of them.",
    ),
    Standing(
        ("deep-leakage",),
        ("gradient-noise", "gradient-pruning", "local-dp"),
        "It searches for the nearest update; who expects noise or gaps uses inverting-gradients instead.",
    ),
    Standing(
        ("canary-exposure", "generator-extraction"),
        (TRAINING,),
        "It knows nothing of the model but what it draws or writes, and filters that in any case.",
    ),
    Standing(
        ("database-reconstruction",),
        (TRAINING,),
        "It knows how much noise was added and trusts what is left by that, so it is adapted already.",
    ),
    Standing(
        ("property-inference",),
        (TRAINING, *ON_SCORES),
        "Its own models are trained and asked behind the same defences, so it is adapted already.",
    ),
    Standing(
        ("brep-mi", "fjrmia", "lomia"),
        ("label-only", "temperature", "top-k"),
        "It asks for labels alone, and this defence leaves every label as it was.",
    ),
    Standing(
        ("brep-mi", "fjrmia", "lomia"),
        ("purifier", "rounding"),
        "It asks for labels alone, and this defence changes few of them, always in the same way.",
    ),
    Standing(
        ("brep-mi",),
        ("randomised-smoothing",),
        "It asks for labels alone, and the label of most noisy copies is as good a label.",
    ),
    Standing(
        ("fjrmia", "lomia"),
        ("output-noise",),
        "It asks about each record once; a record that differs is another record, and no mean is to be had.",
    ),
    Standing(
        ("inversion-network", "knockoff"),
        ON_SCORES,
        "It learns from the defended answers themselves, so it is adapted already.",
    ),
    Standing(
        ("inversion-network", "knockoff", "template-inversion"),
        (TRAINING,),
        "It learns from the answers of the defended model itself, so it is adapted already.",
    ),
    Standing(
        ("brep-mi", "csmia", "fjrmia", "lomia", "nes-latent", "neuron-attribute", "tree-inversion"),
        (TRAINING,),
        "The model that answers is the defended one, and nothing stands before it that could be undone.",
    ),
)


def adapted(scenario: Scenario) -> list[Adapted]:
    """Return the variants that answer to the defences of a sound scenario, each once; none where there is
    nothing to adapt to, which `standing` explains.
    """
    found: list[Adapted] = []
    seen = [scenario]
    for choice in _defences(scenario):
        for variant in VARIANTS:
            if not _fits(variant, scenario, choice):
                continue
            other = scenario.model_copy(update={"attack": _attack(scenario, variant)})
            if other not in seen:
                seen.append(other)
                found.append(Adapted(other, choice.name, variant.title, variant.why))
    return found


def standing(scenario: Scenario) -> dict[str, str]:
    """Return, for each defence of a sound scenario that leaves nothing to adapt to, why that is so."""
    found = {}
    for choice in _defences(scenario):
        kind = find("defences", choice.name)
        if issubclass(kind, OutputDefence) and scenario.exposure.access in kind.untouched:
            told = "With {} access the attack sees the same with this defence and without it."
            found[choice.name] = told.format(scenario.exposure.access)
        elif rows := [row for row in STANDING if _named(row, scenario.attack.name, choice.name)]:
            found[choice.name] = rows[0].why
    return found


def _defences(scenario: Scenario) -> tuple[Choice, ...]:
    return (*scenario.target.defences, *scenario.exposure.defences)


def _fits(variant: Variant, scenario: Scenario, choice: Choice) -> bool:
    if not _named(variant, scenario.attack.name, choice.name):
        return False
    kind = find("defences", choice.name)
    if issubclass(kind, OutputDefence) and scenario.exposure.access in kind.untouched:
        return False
    params = kind(**choice.params).params
    return all(getattr(params, name) == value for name, value in variant.when.items())


def _named(row: Variant | Standing, attack: str, defence: str) -> bool:
    kind = find("defences", defence)
    assert issubclass(kind, Defence)
    name = TRAINING if issubclass(kind, TrainingDefence) else defence
    return attack in row.attacks and (name in row.defences or defence in row.defences)


def _attack(scenario: Scenario, variant: Variant) -> Choice:
    """Return the attack of a variant, with what it has in common with the naive one."""
    naive = scenario.make_attack()
    if not variant.instead:
        return Choice(name=naive.name, params={**scenario.attack.params, **variant.params})
    fields = find("attacks", variant.instead).Params.model_fields
    given = {name: value for name, value in scenario.attack.params.items() if name in fields}
    carried = {name: getattr(naive.params, name) for name in CARRIED if name in fields}
    return Choice(name=variant.instead, params={**given, **carried, **variant.params})
