"""A report of the size and shape of a real one: fourteen sections, fifty runs, twelve pictures, charts."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from inversion_core.reports.blocks import (
    Bar,
    Bars,
    Block,
    Code,
    Facts,
    Listing,
    Paragraph,
    Picture,
    Report,
    Section,
    Table,
    ToComplete,
    Verdict,
)

ATTACKS = ("Plug & Play", "Evolution strategy", "Boundary repulsion", "MIFace", "Inversion network")
DEFENCES = ("none", "label smoothing", "DP-SGD", "rounded scores", "label alone")


@lru_cache
def face(number: int, *, rough: bool = False, size: int = 64) -> bytes:
    """Draw a face that nobody has; `rough` as an attack recovers it."""
    rng = np.random.default_rng(number)
    skin = tuple(int(part) for part in rng.integers(120, 230, 3))
    hair = tuple(int(part) for part in rng.integers(20, 120, 3))
    image = Image.new("RGB", (64, 64), tuple(int(part) for part in rng.integers(150, 240, 3)))
    pen = ImageDraw.Draw(image)
    pen.ellipse((10, 44, 54, 90), fill=tuple(int(part) for part in rng.integers(30, 200, 3)))
    pen.ellipse((14, 4, 50, 50), fill=hair)
    pen.ellipse((17, 12, 47, 56), fill=skin)
    for eye in (26, 38):
        pen.ellipse((eye - 3, 28, eye + 3, 33), fill="white")
        pen.ellipse((eye - 1, 29, eye + 2, 32), fill=hair)
    pen.line((32, 34, 31, 41), fill=hair)
    pen.arc((25, 40, 39, 48), 20, 160, fill=(150, 40, 40), width=2)
    pixels = np.asarray(image).astype(float)
    if rough:
        pixels += rng.normal(0, 22, pixels.shape) + rng.normal(0, 18, (8, 8, 3)).repeat(8, 0).repeat(8, 1)
    buffer = io.BytesIO()
    drawn = Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).resize((size, size))
    drawn.save(buffer, "PNG")
    return buffer.getvalue()


def sample(title: str = "Door camera: what an attacker could recover") -> Report:
    """Return the whole report."""
    return Report(
        title=title,
        subtitle="Risk review of a face classifier that opens the door of an office, as deployed.",
        version=3,
        made="2026-03-04T09:30:00+00:00",
        banner=(
            "Illustrative: measured on synthetic people, not evidence about a production model.",
            "Contains personal data once real people are in it; keep until 4 March 2028.",
        ),
        watermark="synthetic",
        sections=(
            summary(), identification(), description(), lawfulness(), threat(), coverage(), results(),
            evidence(), inherent(), measures(), anonymity(), decision(), reproduction(), limits(),
        ),
    )  # fmt: skip


def summary() -> Section:
    bars = Bars(
        caption="People recovered, of those attacked, before and after the controls",
        alt="Without controls 68 of 100 people are recovered, with controls 9, where guessing reaches "
        "1 of 100; with weights in hand nothing was measured.",
        bars=(
            Bar("without controls", 0.68, 0.58, 0.76, 0.01, "68 of 100 people"),
            Bar("as deployed", 0.09, 0.05, 0.16, 0.01, "9 of 100 people"),
            Bar("people outside the training", 0.02, 0.0055, 0.07, 0.01, "2 of 100 people"),
            Bar("weights in hand", 0.0, 0.0, 0.0, None, "not measured", hatched=True),
        ),
        lines=(("moderate from", 0.05), ("high from", 0.2), ("very high from", 0.6)),
    )
    return Section(
        "",
        "In one page",
        (
            Verdict(
                "Whoever may ask this model for its scores recovers 9 of 100 people well enough that an "
                "independent judge names them (5 to 16 of 100). Guessing names 1.",
                "alarm",
                "Needs a decision",
            ),
            Verdict(
                "People outside the training data are recovered no more often than guessing would.",
                "calm",
                "No decision needed",
            ),
            Verdict("Nobody tested an attacker who holds the weights.", "open", "NOT RUN"),
            bars,
            Paragraph(
                "Intervals are Wilson's at 95 %; people are counted once, seeds are pooled.", small=True
            ),
        ),
    )


def identification() -> Section:
    return Section(
        "0",
        "Identification",
        (
            Facts(
                (
                    ("System", "Door camera 2.1, convolutional network"),
                    ("Model (sha256)", "0f140e53164b902a9bdf3a7c0d71f0a2c85e6b14d7a2f6b0931ce2d4fd5a8f10"),
                    ("Owner", "Ádám Šťastný, Facilities"),
                    ("Processors", ""),
                    ("Mode", "assessment"),
                    ("Approval date", ""),
                )
            ),
        ),
        ("EDPB 0", "ICO 1", "CNIL Context"),
    )


def description() -> Section:
    return Section(
        "1",
        "Systematic description",
        (
            Paragraph(
                "The model sees a face at the door and answers with one of a hundred names and a score for "
                "each. It learnt from 2,000 photos of 100 people. The service answers employees."
            ),
            Paragraph("One class of this model is one person.\nA class representative is about that person."),
            Facts(
                (
                    ("People", "100"),
                    ("Photos", "2,000"),
                    ("Who may ask", "authenticated"),
                    ("Released", "service"),
                )
            ),
        ),
        ("35(7)(a)", "EDPB 1", "Op28 para 46, 58(e)", "ICO 2", "AI Act 11/Annex IV"),
    )


def lawfulness() -> Section:
    return Section(
        "2",
        "Lawfulness, necessity, proportionality, rights",
        (ToComplete(("Legal basis", "Condition under Article 9", "Retention", "Rights of the people")),),
        ("35(7)(b)", "ICO 4"),
        human_only=True,
    )


def threat() -> Section:
    return Section(
        "3",
        "Threat model",
        (
            Listing(
                (
                    "An employee who is signed in and may ask 30,000 times.",
                    "Somebody who stole the weights and knows how the model was trained, and who brings "
                    "pictures of other people to learn what faces look like in general.",
                    "Somebody who sees labels only.",
                )
            ),
        ),
        ("Op28 para 58(c)", "NIST AI 100-2", "ATLAS"),
    )


def coverage() -> Section:
    rows = (
        ("Attribute and membership inference", "55(i)", "run", "4", "label-only attack not run"),
        ("Exfiltration", "55(ii)", "NOT RUN", "0", "the model is not a language model"),
        ("Regurgitation", "55(iii)", "NOT RUN", "0", "the model gives back labels, nothing it has seen"),
        ("Model inversion", "55(iv)", "run", "42", "adaptive and naive, scores, labels and weights"),
        ("Reconstruction", "55(v)", "NOT RUN", "0", "no gradients leave the organisation"),
    )
    table = Table(
        "Attack classes of EDPB Opinion 28/2024, paragraph 55",
        ("Class", "Place", "State", "Runs", "Why"),
        rows,
        frozenset({3}),
    )
    return Section("4", "Test coverage", (table,), ("Op28 para 55",))


def results() -> Section:
    rows = tuple(
        (
            f"R{number:02}",
            ATTACKS[number % 5],
            DEFENCES[number // 5 % 5],
            ("scores", "labels", "white-box")[number % 3],
            f"{70 - number} of 100",
            f"{61 - number if number < 60 else 0} to {78 - number}",
            "1.0 %",
            f"{30_000 - 311 * number:,}",
        )
        for number in range(50)
    )
    heads = ("Run", "Attack", "Defence", "Access", "Recovered", "Interval", "Guessing", "Queries")
    bars = Bars(
        "Success of every attack on the deployed model",
        tuple(
            Bar(name, value, max(0, value - 0.06), value + 0.08, 0.01, f"{100 * value:.0f} of 100")
            for name, value in zip(ATTACKS, (0.09, 0.06, 0.03, 0.0, 0.07), strict=True)
        ),
        "Plug and Play recovers most, 9 of 100; MIFace nobody, which still leaves up to 8 of 100 possible.",
        (("moderate from", 0.05),),
    )
    return Section(
        "5",
        "Results",
        (bars, Table("All runs, those on the deployed system first", heads, rows, frozenset({4, 5, 6, 7}))),
        ("MEASURE 2.10", "MEASURE 2.13"),
    )


def evidence() -> Section:
    pictures: list[Block] = []
    for number in range(6):
        name = f"person {number + 1}"
        pictures.append(Picture(face(number), f"The photo of {name}", f"{name}: truth", person=number >= 4))
        told = f"What the attack recovered of {name}"
        pictures.append(Picture(face(number, rough=True), told, f"{name}: recovered", person=number >= 4))
    return Section(
        "6", "What it looks like", (Paragraph("Best, median and worst of the people attacked."), *pictures)
    )


def inherent() -> Section:
    rows = (
        ("Severity", "3 of 4", "faces of people who are identified"),
        ("Vulnerability", "3 of 4", "upper bound 16 % lies between 5 % and 20 %"),
        ("Exposure", "3 of 4", "signed-in people, 30,000 questions"),
        ("Likelihood", "3 of 4", "vulnerability and exposure together"),
    )
    return Section(
        "7",
        "Inherent risk",
        (
            Verdict("High: severe for a person, and likely enough to plan for.", "alarm", "High"),
            Table("How the rating came about", ("Part", "Level", "Because"), rows),
        ),
        ("35(7)(c)", "CNIL Risks", "ICO 5"),
    )


def measures() -> Section:
    rows = (
        ("Rounded scores", "in place", "D. Okafor", "68 of 100 to 31 of 100", "none"),
        ("DP-SGD, epsilon 8", "in place", "D. Okafor", "31 of 100 to 9 of 100", "accuracy 97 % to 88 %"),
        ("Query budget of 30,000", "in place", "Platform team", "not measured alone", "none"),
        ("Labels only", "planned", "", "NOT RUN", "NOT RUN"),
    )
    return Section(
        "8",
        "Measures, action plan, residual risk",
        (Table("Controls and what they changed", ("Control", "State", "Owner", "Recovered", "Cost"), rows),),
        ("35(7)(d)", "EDPB action plan", "ICO 6"),
    )


def anonymity() -> Section:
    fields = ("Is a claim of anonymity made, and by whom", "Evidence and gaps")
    return Section("9", "Anonymity statement", (ToComplete(fields),), ("Op28", "WP216"), human_only=True)


def decision() -> Section:
    fields = ("Decision", "Name and role", "Date and signature", "Conditions", "Next review")
    return Section("10", "Decision and sign-off", (ToComplete(fields),), ("ICO 7", "35(11)"), human_only=True)


def reproduction() -> Section:
    return Section(
        "11",
        "Reproducibility annex",
        (
            Paragraph("This command reruns everything and compares it with what is written here:"),
            Code(".venv/bin/python -m inversion_core reproduce door-camera.json --tolerance 0.02"),
            Code("sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
            Facts((("Python", "3.11"), ("torch", "2.13.0"), ("Seeds", "0, 1, 2"))),
        ),
    )


def limits() -> Section:
    return Section(
        "12",
        "Limits",
        (
            Listing(
                (
                    "Passing these tests is evidence of resistance to the attacks listed, and to no others.",
                    "The people are synthetic: nothing here is evidence about a production model.",
                    "No text here is legal advice.",
                )
            ),
        ),
    )


def everywhere(text: str) -> Report:
    """Return a report that has `text` in every field of every block."""
    bar = Bar(text, 0.5, 0.4, 0.6, 0.1, text)
    blocks: tuple[Block, ...] = (
        Paragraph(text),
        Paragraph(text, small=True),
        Verdict(text, "alarm", text),
        Facts(((text, text),)),
        Listing((text,)),
        Table(text, (text, text), ((text, text),), frozenset({1})),
        Bars(text, (bar, Bar(text, 0, 0, 0, said=text, hatched=True)), text, ((text, 0.3),)),
        Picture(face(1), text, text),
        Picture(face(2), text, text, person=True),
        ToComplete((text,)),
        Code(text),
    )
    section = Section(text, text, blocks, (text,))
    human = Section(text, text, (ToComplete((text,)),), (text,), human_only=True)
    return Report(text, text, 1, text, (section, human), (text,), text, text)


def one_block(*blocks: Block) -> Report:
    """Return a small report of these blocks."""
    return Report("Small", "for a test", 1, "2026-03-04T09:30:00+00:00", (Section("1", "Only", blocks),))
