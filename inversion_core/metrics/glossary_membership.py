"""What each score about membership means, and what it does not show."""

from inversion_core.metrics.explanation import Explanation

MEMBERSHIP = {
    "membership-auc": Explanation(
        "Members ranked before others (AUC)",
        "Take one record the model was trained on and one it never saw: how often does the attack believe "
        "the first more? A coin is right half of the time. Where a classifier that looks at the records "
        "alone does better than a coin, it is the baseline.",
        "It averages over all thresholds: an attack that is sure of a few people and knows nothing of the "
        "rest stays near one half and still harms those few.",
    ),
    "membership-tpr-at-fpr": Explanation(
        "Members named at few false alarms",
        "The share of the records trained on that the attack names when it may wrongly name only a small "
        "share of the others. That share is told beside it, and is the smallest for which the records at "
        "hand are enough.",
        "It says nothing about rarer false alarms, and in a population with few members most alarms would "
        "still be false.",
    ),
    "membership-advantage": Explanation(
        "Better than a coin (advantage)",
        "Share of the members named minus share of the others named, at one threshold that was chosen on "
        "other records; 0 is a coin, 1 is always right. A training with differential privacy bounds it.",
        "It weighs members and others alike, as if every second record had been trained on.",
    ),
}
