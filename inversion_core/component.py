"""What datasets, targets, attacks, defences and metrics share: a name, a title and typed parameters."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Component:
    """Something a scenario asks for by name.

    A subclass sets `name` (kebab-case, stable), `title` (for people) and may nest its own `Params`; its
    docstring is its card on the page, and the field descriptions of `Params` are the help of its form.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    reference: ClassVar[str] = ""

    class Params(BaseModel):
        """Parameters; unknown keys are errors."""

        model_config = ConfigDict(extra="forbid", frozen=True)

    def __init__(self, **params: Any) -> None:
        """Check and keep the parameters; raises pydantic's ValidationError."""
        self.params = type(self).Params(**params)

    @classmethod
    def summary(cls) -> str:
        """Return the first paragraph of the docstring on one line."""
        return " ".join((cls.__doc__ or "").strip().split("\n\n")[0].split())
