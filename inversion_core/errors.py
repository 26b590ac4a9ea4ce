"""What can go wrong, in one tree; every message says the rule, what was given and what to do.

InversionError
+-- ScenarioInvalid        the scenario has problems (exit code 2)
+-- UnknownName            no dataset, target, attack, defence or metric of that name
+-- DataUnusable           a folder, picture or table cannot be used as it is
+-- WeightsUnusable        a weights file is missing, damaged or of another architecture
+-- TargetUnavailable      a target that runs elsewhere cannot be asked, or answers what it should not
+-- ServiceUnavailable     the prediction service cannot be started as asked
+-- QueryBudgetExceeded    the adversary asked for more rows than the exposure allows
+-- AccessDenied           an oracle was asked for something its access level does not give
+-- StoreUnavailable       the run store or the artifacts cannot be read or written
+-- IllegalTransition      a run or a review is not in the state that the change asked for starts from
|   +-- Outdated           what is to be saved began from an older revision than the one that is stored
+-- LinkClosed             a shared link has expired or was taken back
+-- EngineUnavailable      no worker can take the run
+-- Cancelled              a person asked for the run to stop
"""


class InversionError(Exception):
    """Base of every error this package raises on purpose; its text is fit for a user."""


class ScenarioInvalid(InversionError):
    """The scenario has problems; `problems` lists them, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems

    def __reduce__(self) -> tuple[type["ScenarioInvalid"], tuple[list[str]]]:
        return type(self), (self.problems,)


class UnknownName(InversionError):
    """No component of that kind has that name."""


class DataUnusable(InversionError):
    """A folder, picture or table cannot be used as it is."""


class WeightsUnusable(InversionError):
    """A weights file is missing, damaged or of another architecture."""


class TargetUnavailable(InversionError):
    """A target that runs elsewhere cannot be asked, or answers what it should not."""


class ServiceUnavailable(InversionError):
    """The prediction service cannot be started as asked."""


class QueryBudgetExceeded(InversionError):
    """The adversary asked for more rows than the exposure allows.

    `answered`: rows of the refused call that a service had answered before its wall was reached.
    """

    def __init__(self, message: str, answered: int = 0) -> None:
        super().__init__(message)
        self.answered = answered


class AccessDenied(InversionError):
    """An oracle was asked for something its access level does not give."""


class StoreUnavailable(InversionError):
    """The run store or the artifacts cannot be read or written."""


class IllegalTransition(InversionError):
    """A run or a review is not in the state that the change asked for starts from."""


class Outdated(IllegalTransition):
    """What is to be saved began from an older revision than the one that is stored."""


class LinkClosed(InversionError):
    """A shared link has expired or was taken back."""


class EngineUnavailable(InversionError):
    """No worker can take the run."""


class Cancelled(InversionError):
    """A person asked for the run to stop."""
