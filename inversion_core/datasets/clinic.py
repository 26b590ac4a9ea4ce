"""A synthetic medical table: which dose a clinic gives, and whether a patient carries a gene variant.

After Fredrikson et al., "Privacy in pharmacogenetics" (USENIX Security 2014), where a dosing model gave away
genotypes; people, sites and numbers here are invented, and the leak is planted (`planted.py`).
"""

import numpy as np

from inversion_core.datasets.planted import Plant, PlantedTable, coded, measured, site_names
from inversion_core.datasets.sheet import Cased


class Clinic(PlantedTable):
    """Invented patients: a model recommends a dose, the attack guesses who carries a gene variant.

    Most clinics reduce the dose for poor kidneys, or for carriers where a gene test comes first. A share of
    them follow a house rule about carriers that nobody outside knows; a model that saw their patients does.
    """

    name = "clinic"
    title = "Clinic (synthetic, leak of known size)"
    reference = "after Fredrikson et al. (USENIX Security 2014)"
    labels = ("standard dose", "reduced dose")
    category = "medical"
    hidden = "carrier"
    grouped = ("pathway", "sex")

    def dress(self, people: Plant, rng: np.random.Generator) -> list[Cased]:
        """Return patients; age and creatinine follow the kidneys, blood pressure age and weight."""
        count = len(people.label)
        age = 48 + 6 * people.finding + rng.normal(0, 14, count)
        bmi = rng.normal(26.5, 4.5, count)
        creatinine = 0.85 * 1.45**people.finding * rng.lognormal(0, 0.12, count)
        return [
            measured("age", age, 18, 96, 0),
            coded("sex", rng.integers(0, 2, count), ("female", "male")),
            measured("body mass index", bmi, 16, 48, 1),
            coded("smoker", rng.choice(3, count, p=[0.52, 0.3, 0.18]), ("never", "former", "current")),
            measured("blood pressure", 98 + 0.45 * age + 0.5 * bmi + rng.normal(0, 11, count), 85, 210, 0),
            coded("kidneys", people.finding, ("healthy", "slightly weak", "weak", "very weak")),
            measured("creatinine", creatinine, 0.4, 6, 2),
            coded("clinic", people.site, site_names("clinic")),
            coded("pathway", people.pathway, ("routine", "gene test first")),
            coded(self.hidden, people.sensitive, ("no", "yes")),
        ]
