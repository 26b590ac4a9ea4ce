"""What the scores of generative models, published models and properties of a table mean."""

from inversion_core.metrics.explanation import Explanation

SYSTEMS = {
    "extracted-share": Explanation(
        "Training photos taken",
        "The share of the pictures an attacker filtered from what a generator draws that are copies of a "
        "photo "
        "it was trained on: much nearer to one photo than to the next ones, beyond what any real photo that "
        "was never trained on reaches. The baseline is the same count against photos never trained on.",
        "It counts what this attacker returned, not how many training photos could be had. A copy here has "
        "32 x 32 pixels.",
    ),
    "copy-distance": Explanation(
        "Distance to the nearest training photo",
        "How far the attacker's pictures are from the nearest photo the generator was trained on, pixel by "
        "pixel as a share of the whole range; the baseline is the distance to photos never trained on.",
        "A blurred picture is near to everything: read it beside its baseline, never alone.",
    ),
    "canary-exposure": Explanation(
        "Exposure of planted secrets",
        "How early the true secret comes when the model ranks all that are possible, in bits: each bit "
        "halves "
        "those ahead of it. The ceiling is the first place; a secret the model never read has about 1.4.",
        "The format must be known and small enough to try. At the ceiling nobody can tell how much further "
        "ahead of the second the true one is.",
    ),
    "secrets-spelled": Explanation(
        "Secrets spelled out",
        "The share of planted secrets that the model finds likelier than every other of the same format: "
        "asked "
        "to go on, it writes them.",
        "It says nothing about those that come second; exposure does.",
    ),
    "row-error": Explanation(
        "Error of the rebuilt row",
        "How far a rebuilt row is from the true one, a column: a share of the public range, or 1 for a wrong "
        "level. The baseline guesses the median or the commonest level among other people.",
        "Columns count alike, whatever they mean to the person.",
    ),
    "rows-exact": Explanation(
        "Rows rebuilt exactly",
        "The share of rows that came back with every column right, numbers within 0.5 % of their range.",
        "A row with one wrong column counts as missed, however much it gives away.",
    ),
    "property-error": Explanation(
        "Error of the guessed share",
        "How far the attacker's guess of a group's share of the training data is from the true share, on "
        "average over many models. The baseline always guesses the middle of what is possible.",
        "It is about the training data as a whole and about nobody in it.",
    ),
    "property-accuracy": Explanation(
        "Share of the group named right",
        "How often the guess is nearest to the true one of three shares: 20, 50 and 80 %.",
        "Shares that lie closer together are harder to tell apart.",
    ),
}
