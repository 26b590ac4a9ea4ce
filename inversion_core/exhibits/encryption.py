"""What encryption does not stop: the same attack by a client whose questions the server cannot read.

The questions travel plainly, as CKKS ciphertexts, or as shares between two servers. The scores are the same,
and so is what an attacker makes of them; small enough for the slowest of the three, and once larger where
that is affordable.
"""

from inversion_core.choices import Choice, Exposure, TargetChoice
from inversion_core.scenario import Scenario
from inversion_core.values import Access, Channel

FEW, MANY = tuple(range(0, 100, 12)), tuple(range(0, 100, 4))
"""Victims of the small runs and of the larger ones."""
QUERIES, MORE = 40, 80
"""Rows a victim."""


def scenarios() -> tuple[Scenario, ...]:
    """Return the larger run through the channels that are fast enough, then the small one through each; a
    hidden one first.
    """
    large = [made(channel, MANY, MORE) for channel in (Channel.SECRET_SHARED, Channel.PLAIN)]
    small = [
        made(channel, FEW, QUERIES) for channel in (Channel.HOMOMORPHIC, Channel.SECRET_SHARED, Channel.PLAIN)
    ]
    return (*large, *small)


def made(channel: Channel, victims: tuple[int, ...], queries: int) -> Scenario:
    """Return one attack on scores through a channel."""
    budget = queries * len(victims)
    return Scenario(
        target=TargetChoice(name="softmax"),
        exposure=Exposure(access=Access.SCORES, query_budget=budget, channel=channel),
        attack=Choice(name="nes-latent", params={"queries": queries}),
        victims=victims,
    )
