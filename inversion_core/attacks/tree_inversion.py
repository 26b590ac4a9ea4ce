"""Tree inversion: the paths of a tree and the people counted in its leaves say which value is likely.

Fredrikson, Jha, Ristenpart, "Model inversion attacks that exploit confidence information and basic
countermeasures" (CCS 2015), section 4, the white-box attack with counts.
"""

import math

import torch
from pydantic import Field

from inversion_core.attacks.base import Attack, Steps
from inversion_core.attacks.completion import beliefs, chosen, completions, table_of
from inversion_core.component import Component
from inversion_core.oracles import Oracle
from inversion_core.tables import Clue
from inversion_core.values import Access, Claim, Family, Knowledge, Modality, Progress, Reconstruction


class TreeInversion(Attack):
    """Read off the tree how many training records ended where the person would end with each value.

    argmax over v of (n(x, v) / N) / phi(v) * prior[v]: n(x, v) are the training records in the leaf that the
    person reaches with the value v, N all training records, and phi(v) the share of training records in all
    leaves that anybody with v can reach (the sum of p_j phi_j(v) in eq. 1). So the first two factors say how
    likely somebody with v ends in this leaf, and the third how likely v is. The true label is not used.

    Columns nobody told the adversary are tried in every combination of typical values and the weights added
    up; the paper adds up the paths that fit. Departures: of several trees the mean over the trees is taken;
    phi is read off the paths, not off the leaves that the victims happen to reach.

    Cost: one query per victim, value and combination.
    """

    name = "tree-inversion"
    title = "Tree inversion, by leaf counts"
    reference = "Fredrikson, Jha and Ristenpart, CCS 2015"
    needs = Access.WHITE_BOX
    family = Family.ATTRIBUTES
    modality = Modality.TABLE
    claim = Claim.ATTRIBUTE
    clues = (Clue.MARGINALS,)
    most_unknown = 2

    class Params(Attack.Params):
        """How ties are broken."""

        draws: int = Field(11, ge=1, le=1001, description="Random draws to break ties; the median counts.")

    params: Params

    def incompatible(self, target: type[Component]) -> str | None:
        """Refuse targets without leaves to count in."""
        if not getattr(target, "by_gradients", True):
            return None
        return (
            f"attack {self.name!r} reads the leaves of trees, target {target.name!r} has none; "
            "choose decision-tree, random-forest or gradient-boosting"
        )

    def run(self, oracle: Oracle, knowledge: Knowledge, rng: torch.Generator) -> Steps:
        """Yield one Progress a query."""
        table = table_of(knowledge, self.clues, self.name)
        prior = table.marginals
        assert prior is not None
        values = range(table.value_count)
        phi = torch.stack([oracle.reach(table.sensitive, value) for value in values])  # (V, T)
        weights = torch.zeros(len(table.records), len(values))
        for asked in completions(table):
            rows, value = asked.rows, asked.value
            shares = oracle.activations(asked.inputs)  # (n, T)
            weights[rows, value] += (shares / phi[value]).mean(1) * prior[value]
            note = f"trying value {value + 1} of {len(values)}"
            yield Progress(asked.step, asked.total, math.nan, note=note)
        found = beliefs(weights, chosen(weights, rng, self.params.draws))
        return Reconstruction(found, knowledge.classes, found.max(1).values)
