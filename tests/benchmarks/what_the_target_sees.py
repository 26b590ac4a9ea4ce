"""How much the attacked model looks at each trait: change it in a person's photo, see how its margin falls.

    python -m tests.benchmarks.what_the_target_sees

A trait the model hardly looks at cannot be read off it, however good the attack: the ruler beside the traits
of a reconstruction. The photos are new ones, drawn for this; the other value of a named trait is its first
(its second where it is the first already), a continuous trait moves by four tenths of its range.
"""

import torch

from inversion_core.attacks.plug_and_play import margin
from inversion_core.console import exhaust
from inversion_core.datasets import portrait
from inversion_core.datasets.people import People
from inversion_core.datasets.portrait.factors import FACTORS, PLACE
from inversion_core.metrics import intervals
from inversion_core.seeds import torch_rng
from inversion_core.targets.architectures import CNN
from inversion_core.targets.catalogue import obtain

TRAITS = (
    "hair_colour", "hair_style", "cloth_colour", "skin_tone", "glasses", "beard_style", "earrings", "marks",
)  # fmt: skip


def main() -> None:
    """Print for each trait the mean fall of the margin with a 95 % interval, and the share renamed."""
    people = People()
    target = exhaust(obtain(people, CNN()))
    identities, everyone = people.identities, torch.arange(len(people.classes))
    views = portrait.sample_views(len(everyone), torch_rng(0, "what the target sees"))

    def lead(of: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            return -margin(target.network(portrait.render(of, views).float() / 255), everyone).double()

    before = lead(identities)
    print(f"n {len(everyone)}, margin of a photo {before.mean():.1f}")
    for name in TRAITS:
        changed = identities.clone()
        values = len(FACTORS[PLACE[name]].values or ())
        column = changed[:, PLACE[name]]
        if values:
            column.copy_((torch.where((column * values).long() == 0, 1, 0) + 0.5) / values)
        else:
            column.copy_((column + 0.4) % 1)
        after = lead(changed)
        fall = before - after
        low, high = intervals.mean(fall, (-1e9, 1e9))
        renamed = (after < 0).double().mean()
        print(f"{name:13s} falls by {fall.mean():5.2f} ({low:.2f} to {high:.2f}), renamed {renamed:.2f}")


if __name__ == "__main__":
    main()
