"""Which policy a store says an assessment is rated by, and who approved it."""

from inversion_core.errors import ScenarioInvalid
from inversion_core.risk.policy import DEFAULT, Policy
from inversion_core.store.policies import SHIPPED, PolicyRecord
from inversion_core.store.runs import RunStore


def in_force(store: RunStore, version: int | None = None) -> tuple[Policy, str]:
    """Return the policy in force and who approved it, "" for nobody; `version`: the one an assessment names.

    Raises UnknownName for a version that is not there, ScenarioInvalid for one that is still a draft.
    """
    if version is None:
        record = store.policy_in_force()
        return (DEFAULT, "") if record is None else _read(record)
    known = {one.version: one for one in store.policies()}
    if version == SHIPPED and version not in known:
        return DEFAULT, ""
    policy, approved = _read(store.policy(version))
    if not approved:
        told = f"assessment.policy names an approved version, {version} is a draft; approve it or remove it"
        raise ScenarioInvalid([told])
    return policy, approved


def _read(record: PolicyRecord) -> tuple[Policy, str]:
    policy = Policy.model_validate_json(record.document)
    return policy.model_copy(update={"version": record.version}), record.approved_by or ""
