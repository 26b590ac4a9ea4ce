"""One glossary for every page, report and command: what each score means, and what it does not show."""

from inversion_core.errors import UnknownName
from inversion_core.metrics.explanation import Explanation
from inversion_core.metrics.glossary_membership import MEMBERSHIP
from inversion_core.metrics.glossary_systems import SYSTEMS
from inversion_core.metrics.glossary_tables import TABLES
from inversion_core.values import Modality

ONE_UPDATE = (
    "Photos of one update stand or fall together: where all are of one, the interval speaks of these only."
)
PICTURES = {
    "evaluator-top1": Explanation(
        "Recognised by an independent judge",
        "A second network, trained apart from the attacked model and never shown to the attacker, looks at "
        "each recovered picture and names a person. This is the share of victims it names correctly. "
        "Guessing would be right once in as many times as there are people.",
        "The judge is a network too: it can be fooled by patterns a human would not take for a face, and "
        "it misses some real photos. Being recognised does not mean that a particular training photo was "
        "recovered.",
    ),
    "evaluator-top5": Explanation(
        "Among the judge's first five",
        "The share of victims who are among the five people the independent judge finds most likely for "
        "their recovered picture. It shows whether an attack narrows the search down even where it does "
        "not name the person.",
        "With few people five guesses go far: compare with guessing. A place among five is no "
        "identification.",
    ),
    "target-top1": Explanation(
        "Convinces the attacked model",
        "The share of recovered pictures that the attacked model itself assigns to the victim. The attack "
        "was made to raise this number, so it tells whether the search worked.",
        "It says nothing about likeness: noise can convince a model. Never read it without the independent "
        "judge.",
    ),
    "adversarial-gap": Explanation(
        "Fools the model, is not the person",
        "Share of pictures that convince the attacked model minus share that convince the independent "
        "judge. Near zero, what convinces one convinces the other; near one, the pictures only fool the "
        "model.",
        "Zero is also what an attack gets that convinces neither. Errors both networks share do not appear "
        "in it.",
    ),
    "extraction-agreement": Explanation(
        "Copy and model name the same person",
        "A stolen copy and the attacked model are both shown photos that neither was taught. This is the "
        "share for which they name the same person, right or wrong. The baseline always names whom the model "
        "names most; the control is another network that was honestly taught the same people.",
        "A copy that agrees on these photos may differ on others. Agreement alone says nothing about "
        "whether people can be read off the copy.",
    ),
    "extraction-divergence": Explanation(
        "How far the copy's scores are off",
        "How much an answer of the copy differs from the model's on the same photo, all scores counted "
        "(Kullback-Leibler divergence, in nats); 0 is the very same answer. The baseline is an answer that "
        "never changes.",
        "A copy that is surer than the model scores badly even where both always name the same person.",
    ),
    "match-same-photo": Explanation(
        "Accepted as the person, same photo",
        "The share of recovered pictures that another recogniser, which the attacker never met, takes for "
        "the person on the very photo the attack started from. Its threshold lets 1 in 100 pairs of "
        "different people pass; real photos of the person say how often it accepts at all.",
        "This recogniser knows the people of this data and is no commercial system. Being accepted needs no "
        "picture a human would find alike.",
    ),
    "match-other-photo": Explanation(
        "Accepted as the person, another photo",
        "The same, against another photo of the person than the one the attack started from: what a drawn "
        "face is worth at a lock that enrolled the person elsewhere. The threshold is the same.",
        "One other photo of each person is tried. A system with a liveness check would not be shown a "
        "picture at all.",
    ),
    "ssim": Explanation(
        "Structural similarity (SSIM)",
        "How alike the light and dark structures of the recovered picture and the victim's closest "
        "training photo are, window by window; 1 is the same picture. Where an attack claims the very input, "
        "the photo is the one it claims. Read it between its rulers: the mean "
        "face of all people, somebody else's photo, and another photo of the same person.",
        "Blurred pictures score well and a shifted head scores badly, so a mean face can beat a likeness "
        "everybody would recognise. It is no measure of identity.",
    ),
    "psnr": Explanation(
        "Pixel accuracy (PSNR)",
        "How small the pixel errors against the victim's closest training photo are, in decibels; 6 more "
        "halve the typical error. Where an attack claims the very input, the photo is the one it claims. "
        "Read it between its rulers, as SSIM.",
        "Light, pose and background count as much as the face. It is no measure of identity.",
    ),
    "feature-distance": Explanation(
        "Distance in the judge's eyes",
        "How far the recovered picture is from the victim's closest training photo in the features by "
        "which the independent judge tells people apart; 0 is as close as can be. Where an attack claims the "
        "very input, the photo is the one it claims. Its rulers say what "
        "another photo of the person, the mean face and somebody else get.",
        "The unit belongs to this judge: values of two judges cannot be compared. A pattern that fools the "
        "judge is close as well.",
    ),
    "identified-share": Explanation(
        "Points at the very photo",
        "Of the photos redrawn from updates, the share whose nearest photo, among all private photos of the "
        "data, is the very one that was used. An update does not tell the order of its photos, so redrawn "
        "ones are matched to them in the attacker's favour. A blind pick, matched likewise, is right as "
        "often as it is any photo of the update; where the labels were known, it is a photo of the known "
        "label.",
        "Nearest is meant pixel by pixel: a picture may point at its photo and still look like noise to a "
        "human, and a faint likeness may miss it among photos of the same kind. " + ONE_UPDATE,
    ),
    "redrawn-psnr": Explanation(
        "Pixel accuracy of redrawn photos (PSNR)",
        "How small the pixel errors of a photo redrawn from an update are against the very original, in "
        "decibels; 6 more halve the typical error, and about 30 is hard to tell apart. Its rulers are the "
        "mean photo and the closest other photo.",
        "Light and background count as much as the face. It is no measure of identity. " + ONE_UPDATE,
    ),
    "redrawn-ssim": Explanation(
        "Structural similarity of redrawn photos (SSIM)",
        "How alike the light and dark structures of a photo redrawn from an update and of the very original "
        "are, window by window; 1 is the same picture. Its rulers are the mean photo and the closest other "
        "photo.",
        "A shifted copy scores badly although everybody would recognise it. It is no measure of identity. "
        + ONE_UPDATE,
    ),
    "label-accuracy": Explanation(
        "Labels read off updates",
        "The share of the private photos' classes that the attacker read off the last layer of the updates, "
        "without any picture: who took part, where a class is a person. Guessing blindly is the baseline.",
        "A class that is there is no photo; which photo belongs to it is another question. " + ONE_UPDATE,
    ),
    "attribute-accuracy": Explanation(
        "Traits read off the picture",
        "The share of visible traits (hair, skin, glasses, beard and so on) that a fixed reader finds in "
        "the recovered picture as they are in the person. Always guessing the commonest value of each "
        "trait is the baseline; what lies above it was learnt from the model.",
        "Traits many people share identify nobody. The reader errs on real photos too, as its control "
        "shows, and traits outside its list are not counted.",
    ),
}

GLOSSARY = (
    {name: told for name, told in PICTURES.items() if name not in TABLES}
    | TABLES
    | PICTURES
    | MEMBERSHIP
    | SYSTEMS
)
"""Every score; pictures first, and theirs is the meaning of a name that tables share."""


def explain(name: str, modality: Modality = Modality.IMAGE) -> Explanation:
    """Return the title, the meaning and the limits of a score; raises UnknownName.

    `modality` decides where pictures and tables share a name.
    """
    if name not in GLOSSARY:
        raise UnknownName(
            f"scores are explained by name, {name!r} is none of them; use one of {', '.join(GLOSSARY)}"
        )
    return TABLES[name] if modality is Modality.TABLE and name in TABLES else GLOSSARY[name]
