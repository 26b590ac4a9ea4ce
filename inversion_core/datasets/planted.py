"""Synthetic tables with a leak of known size planted in them: a ruler for attacks on tables.

A record has a binary sensitive value s, balanced and independent of every column but the ones named here, and
a binary label y that follows from the record without any noise, so that a model has nothing else to memorise:

- In a share m (`memorised`) of the members' sites, y = s XOR b with one fair coin b a site, as many sites
  with b = 0 as with b = 1. Who knows the coins reads s off x and y, and only the members show them: other
  people come from other sites. Where theirs keep a house rule too its coin is tossed anew for each person,
  so that not even other people of the same site teach anything.
- In the other sites, a share p (`predictable`) of the people take a pathway where y = s, as everybody knows;
  for the rest y follows from an ordinary column with four levels, two for each label.

So an imputer, who knows all but the model, is right with probability m/2 + (1 - m)(1 + p)/2, and who also
knows every coin with m + (1 - m)(1 + p)/2. The difference, m/2, is what a model that has learnt its members
by heart gives away through its labels; no attack that reads them gains more on average, and a model that
learns less gives away less. Because y has no noise, a model with m = 0 has no reason to look at s beyond p.
"""

from abc import abstractmethod
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from pydantic import Field

from inversion_core.datasets.base import DatasetCard
from inversion_core.datasets.sheet import Cased, Sheet, SheetDataset, public_columns, records
from inversion_core.seeds import numpy_rng
from inversion_core.values import Modality

SITES = 40
"""Sites of the members; other people come from as many others."""

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Dials:
    """How large the leak is: members, shares, seed."""

    records: int
    predictable: float
    memorised: float
    seed: int

    @property
    def house_rules(self) -> int:
        """Sites of the members with a house rule: an even number, so that the coins are balanced."""
        return 2 * round(self.memorised * SITES / 2)


@dataclass(frozen=True)
class Plant:
    """What the leak hangs on, by person (N,): sensitive value; site; pathway, 1 where the label follows the
    sensitive value; finding, 0..3 with labels 0 0 1 1 where nothing else decides; label.
    """

    sensitive: Codes
    site: Codes
    pathway: Codes
    finding: Codes
    label: Codes


@dataclass(frozen=True)
class Planted:
    """The size of a leak, as expected shares of right guesses.

    `imputable`: without the model; `reachable`: with everything the members' labels show; `leak`: between.
    """

    imputable: float
    reachable: float

    @property
    def leak(self) -> float:
        """What only the model can give away."""
        return self.reachable - self.imputable


def planted_size(dials: Dials) -> Planted:
    """Return the size of the leak in closed form."""
    memorised = dials.house_rules / SITES
    public = (1 - memorised) * (1 + dials.predictable) / 2
    return Planted(imputable=memorised / 2 + public, reachable=memorised + public)


def plant(dials: Dials, *, members: bool) -> Plant:
    """Return the people who are members, or as many others."""
    rng = numpy_rng(dials.seed, "planted", "members" if members else "others")
    people = np.arange(dials.records)
    order = rng.permutation(SITES)
    site = order[people % SITES]
    # A site of members has as many of both values, up to one person. Other people's are drawn one by one:
    # in a balanced site, the part that an imputer learns from would tell the rest by what it lacks.
    sensitive = (people // SITES + people) % 2 if members else rng.integers(0, 2, dials.records)
    rule = people % SITES < dials.house_rules
    coin = (people % SITES) % 2 if members else rng.integers(0, 2, dials.records)
    pathway = (rng.random(dials.records) < dials.predictable).astype(np.int64)
    finding = rng.integers(0, 4, dials.records)
    elsewhere = np.where(pathway == 1, sensitive, finding // 2)
    label = np.where(rule, sensitive ^ coin, elsewhere)
    shuffled = rng.permutation(dials.records)
    site = site + (0 if members else SITES)
    return Plant(*(column[shuffled] for column in (sensitive, site, pathway, finding, label)))


class PlantedTable(SheetDataset):
    """A synthetic table with a leak of known size; a subclass dresses it as people of one domain.

    It names the classes of label 0 and 1, the category, and in `dress` the columns; the sensitive one is
    called `hidden` and has the levels no and yes.
    """

    version = 2
    alike = False  # other people come from other sites
    labels: tuple[str, str]
    category: str
    hidden: str
    grouped: tuple[str, ...]

    class Params(SheetDataset.Params):
        """How many people, and the two dials of the leak."""

        records: int = Field(
            2_000, ge=200, le=200_000, description="Members; as many other people are held out."
        )
        predictable: float = Field(
            0.3,
            ge=0,
            le=1,
            description="Share of people whose label follows the sensitive value by a public rule, so that "
            "anyone can guess these.",
        )
        memorised: float = Field(
            0.5,
            ge=0,
            le=1,
            description="Share of sites with a rule of their own, which only a model that saw them knows.",
        )
        seed: int = Field(0, ge=0, description="Seed of the people.")

    params: Params

    @abstractmethod
    def dress(self, people: Plant, rng: np.random.Generator) -> list[Cased]:
        """Return the columns of some people, with ordinary ones that say nothing of the sensitive value."""

    @property
    def planted(self) -> Planted:
        """The size of the leak in closed form."""
        return planted_size(self._dials)

    @property
    def card(self) -> DatasetCard:
        """Describe the table."""
        return DatasetCard(
            modality=Modality.TABLE,
            classes=len(self.labels),
            shape=(len(self.columns),),
            class_is_person=False,
            category=self.category,
            licence="made by this package; free to use",
            origin="generated from a seed, with a leak of known size planted",
            synthetic=True,
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """What the model predicts."""
        return self.labels

    def sheet(self) -> Sheet:
        """Return the people, made once a process."""
        # A class is hashable; mypy looks at its instances.
        return _sheet(type(self), self.params.model_dump_json())  # type: ignore[arg-type]

    @property
    def _dials(self) -> Dials:
        given = self.params
        return Dials(given.records, given.predictable, given.memorised, given.seed)

    def make(self) -> Sheet:
        """Return members and as many other people."""
        people = _together(plant(self._dials, members=True), plant(self._dials, members=False))
        members = np.arange(len(people.label)) < self.params.records
        cased = self.dress(people, numpy_rng(self.params.seed, "planted", self.name))
        places = {column.name: place for place, column in enumerate(cased)}
        return Sheet(
            columns=public_columns(cased, members),
            classes=self.labels,
            members=records(cased, people.label, members),
            others=records(cased, people.label, ~members),
            sensitive=places[self.hidden],
            positive=1,
            grouping=tuple(places[name] for name in self.grouped),
        )


def coded(name: str, codes: Codes, levels: tuple[str, ...]) -> Cased:
    """Return a categorical column."""
    return Cased(name, codes.astype(np.float32), levels)


def measured(name: str, numbers: npt.NDArray[np.float64], low: float, high: float, decimals: int) -> Cased:
    """Return a continuous column within limits, rounded as such things are written down."""
    return Cased(name, numbers.clip(low, high).round(decimals).astype(np.float32))


def site_names(what: str) -> tuple[str, ...]:
    """Name all sites, those of the members first."""
    return tuple(f"{what} {number:02d}" for number in range(1, 2 * SITES + 1))


@lru_cache(maxsize=8)
def _sheet(kind: type[PlantedTable], params_json: str) -> Sheet:
    return kind(**kind.Params.model_validate_json(params_json).model_dump()).make()


def _together(first: Plant, second: Plant) -> Plant:
    return Plant(
        *(np.concatenate([getattr(first, one.name), getattr(second, one.name)]) for one in fields(Plant))
    )
