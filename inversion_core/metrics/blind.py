"""Can members be told from others without the model? If so, no attack on the model has shown anything.

Das, Zhang and Tramer, "Blind baselines beat membership inference attacks for foundation models" (IEEE
security and privacy workshops 2025): where members and others were drawn differently, a glance at them does.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

FOLDS, TREES, LEAF = 5, 50, 5
SIDE = 8
"""Pictures are looked at in so many pixels a side: light, colour and pose, but no memory of one photo."""


def told_apart(inputs: Tensor, labels: Tensor, members: Tensor, seed: int) -> Tensor:
    """Return (N,) the belief of a random forest that each candidate is a member, fitted on the others.

    `inputs` (N, *shape), `labels` (N,), `members` (N,) bool. Five folds with equal shares of members; nobody
    who attacks has these memberships to fit on, so the forest knows more than any attacker.
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    seen = F.adaptive_avg_pool2d(inputs, SIDE) if inputs.ndim == 4 else inputs
    features = np.column_stack([seen.flatten(1).numpy(), labels.numpy()])
    forest = RandomForestClassifier(TREES, min_samples_leaf=LEAF, random_state=seed)
    folds = StratifiedKFold(min(FOLDS, int(members.sum())), shuffle=True, random_state=seed)
    beliefs = cross_val_predict(forest, features, members.numpy(), cv=folds, method="predict_proba")
    return torch.from_numpy(beliefs[:, 1])
