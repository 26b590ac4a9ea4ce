"""A synthetic financial table: whether a bank grants a loan, and who has sought debt advice.

People, branches and numbers are invented, and the leak is planted (`planted.py`).
"""

import numpy as np

from inversion_core.datasets.planted import Plant, PlantedTable, coded, measured, site_names
from inversion_core.datasets.sheet import Cased

WORK = ("employed", "self-employed", "retired", "seeking work")
INCOMES = np.array([5_900.0, 3_700.0, 2_300.0, 1_400.0])
"""Typical monthly income in each band."""


class Credit(PlantedTable):
    """Invented applicants: a model decides on a loan, the attack guesses who has sought debt advice.

    Most branches decide by income, or by the credit register where they look there first. A share of branches
    follow a house rule about debt advice that nobody outside knows; a model that learnt their customers does.
    """

    name = "credit"
    title = "Credit (synthetic, leak of known size)"
    labels = ("granted", "declined")
    category = "financial"
    hidden = "debt advice"
    grouped = ("channel", "sex")

    def dress(self, people: Plant, rng: np.random.Generator) -> list[Cased]:
        """Return applicants; income and the loan follow the band, the years at an address follow age."""
        count = len(people.label)
        age = 21 + rng.gamma(3.2, 7, count)
        income = INCOMES[people.finding] * rng.lognormal(0, 0.13, count)
        return [
            measured("age", age, 18, 90, 0),
            coded("sex", rng.integers(0, 2, count), ("female", "male")),
            coded("work", rng.choice(4, count, p=[0.55, 0.2, 0.13, 0.12]), WORK),
            coded("home", rng.choice(3, count, p=[0.48, 0.37, 0.15]), ("rented", "owned", "with family")),
            measured("years at address", (age - 18) * rng.beta(1.2, 3, count), 0, 60, 0),
            coded("income band", people.finding, ("high", "upper middle", "lower middle", "low")),
            measured("monthly income", income, 500, 20_000, -1),
            measured("loan", income * rng.gamma(4, 1, count), 500, 80_000, -2),
            coded("branch", people.site, site_names("branch")),
            coded("channel", people.pathway, ("at the branch", "credit register first")),
            coded(self.hidden, people.sensitive, ("no", "yes")),
        ]
