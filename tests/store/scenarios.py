"""Scenarios for tests around attacks: any names will do, the key depends on nothing but the JSON."""

from inversion_core.scenario import Choice, Scenario, TargetChoice, content_key


class PlainScenario(Scenario):
    """A scenario whose key needs no dataset and no component."""

    def key(self):
        return content_key(self.model_dump(mode="json"))


def scenario(seed=0, attack="mi-face", target="softmax", **params):
    return PlainScenario(
        target=TargetChoice(name=target), attack=Choice(name=attack, params=params), seed=seed
    )
