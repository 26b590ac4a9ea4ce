"""The glossary of the scores about tables, the headline first."""

from inversion_core.metrics.explanation import Explanation

TABLES = {
    "residual-over-imputation": Explanation(
        "What the model adds to guessing",
        "Of all attacked people, the share whose sensitive value the attack guesses right, minus the share "
        "that a guesser gets right who knows the same about them, has the same records of other people and "
        "never asks the model. Only what lies above zero was given away by the model. Zero inside the "
        "interval means that nothing was learnt from the model that was not already guessable.",
        "It is a mean: a few people may be given away while the mean is zero, so look at the surest guesses "
        "and at the subgroups. It says nothing about attackers who know less than this guesser.",
    ),
    "attribute-accuracy": Explanation(
        "Sensitive values guessed right",
        "The share of attacked people whose sensitive value the attack guesses right. The baseline is the "
        "guesser who never asks the model; always naming the most common value is a further one.",
        "High accuracy is no leak: most of it can usually be guessed without the model, because the other "
        "columns go along with the sensitive one.",
    ),
    "attribute-precision": Explanation(
        "Right when it says so (precision)",
        "Of the people the attack says have the sensitive value, the share who have it. An attack that "
        "never says so has 0 of 0, which counts as 0.",
        "It can be high while almost everybody concerned is missed; read it with recall.",
    ),
    "attribute-recall": Explanation(
        "Found among those concerned (recall)",
        "Of the people who have the sensitive value, the share whom the attack names.",
        "Naming everybody gives 1; read it with precision and with false alarms.",
    ),
    "attribute-f1": Explanation(
        "Precision and recall together (F1)",
        "The harmonic mean of precision and recall: high only where both are.",
        "Naming everybody can score well where the value is common. It ignores who was rightly not named.",
    ),
    "attribute-gmean": Explanation(
        "Right on both sides (G-mean)",
        "The geometric mean of the share right among people who have the value and the share right among "
        "those who do not. Always naming the same value gives 0, however common it is.",
        "It says nothing about how many are concerned, nor where the knowledge came from.",
    ),
    "attribute-mcc": Explanation(
        "Correlation of guess and truth (MCC)",
        "Matthews' correlation of guess and truth: 1 is always right, 0 is chance, and always naming the "
        "same value; below 0 guesses are more often wrong than chance.",
        "The guesser without the model correlates too: only the difference is the model's.",
    ),
    "attribute-fpr": Explanation(
        "False alarms (false positive rate)",
        "Of the people who do not have the sensitive value, the share whom the attack wrongly says do. "
        "Lower means a stronger attack.",
        "Never naming anybody gives 0; read it with recall. A false alarm can harm a person as well.",
    ),
    "attribute-ppv-at-k": Explanation(
        "Right among the surest guesses",
        "The people the attack is surest about, a tenth of all and at most 100: the share of them it is "
        "right about. Whoever acts on guesses acts on these.",
        "The guesser without the model has surest guesses too, about other people; compare with the "
        "baseline. With few people the interval is wide.",
    ),
}
