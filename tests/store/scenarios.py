"""Scenarios for tests around attacks: any names will do, the key depends on nothing but the JSON."""

from inversion_core.choices import Choice, TargetChoice
from inversion_core.keys import content_key
from inversion_core.scenario import Scenario


class PlainScenario(Scenario):
    """A scenario whose key needs no dataset and no component."""

    def key(self) -> str:
        """Return the sha256 of the JSON."""
        return content_key(self.model_dump(mode="json"))


def scenario(
    seed: int = 0, attack: str = "mi-face", target: str = "softmax", **params: object
) -> PlainScenario:
    """Return a scenario that differs from others in what is given."""
    return PlainScenario(
        target=TargetChoice(name=target), attack=Choice(name=attack, params=params), seed=seed
    )
