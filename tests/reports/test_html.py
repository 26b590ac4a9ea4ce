"""The report as HTML: one file, nothing asked of the network, headings in order, words for what is drawn."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from inversion_core.errors import DataUnusable
from inversion_core.reports.blocks import Bar, Bars, Facts, Picture, Table, ToComplete, Verdict
from inversion_core.reports.html import LARGEST, html
from tests.reports.sample import face, one_block, sample

VOID = {"meta", "img", "line", "rect"}


class Seen(HTMLParser):
    """Every tag with its attributes, the text of each, and tags that were never closed."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[tuple[str, str]] = []
        self.feed(page.decode())
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        if self.open and text.strip():
            self.words.append((self.open[-1], text.strip()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(words for tag, words in self.words if tag not in ("style", "title"))


@pytest.fixture(scope="module")
def page() -> bytes:
    return html(sample())


@pytest.fixture(scope="module")
def seen(page: bytes) -> Seen:
    return Seen(page)


def test_it_is_one_file_below_three_megabytes(page: bytes) -> None:
    assert page.startswith(b"<!doctype html>")
    assert len(page) < LARGEST == 3_000_000


def test_nothing_is_loaded_and_nothing_runs(page: bytes, seen: Seen) -> None:
    assert not {"script", "link", "iframe", "object", "form", "base"} & {tag for tag, _ in seen.tags}
    assert all(str(image["src"]).startswith("data:image/png;base64,") for image in seen.all("img"))
    assert all(str(link["href"]).startswith("#section-") for link in seen.all("a"))
    assert b"url(" not in page.replace(b'fill="url(#', b"") and b"@import" not in page
    policy = next(one["content"] for one in seen.all("meta") if "http-equiv" in one)
    assert str(policy).startswith("default-src 'none'; img-src data:; style-src 'sha256-")


def test_headings_are_in_order_and_every_part_is_a_landmark(seen: Seen) -> None:
    levels = [tag for tag, _ in seen.tags if re.fullmatch("h[1-6]", tag)]
    assert levels == ["h1"] + ["h2"] * 14
    assert [tag for tag, _ in seen.tags if tag in ("header", "nav", "main", "footer")] == [
        "header",
        "nav",
        "main",
        "footer",
    ]
    assert seen.all("html") == [{"lang": "en"}]
    assert seen.all("nav") == [{"aria-label": "Contents"}]


def test_the_contents_lead_to_every_section(seen: Seen) -> None:
    places = [one["id"] for one in seen.all("section")]
    assert [f"#{place}" for place in places] == [link["href"] for link in seen.all("a")] and len(places) == 14


def test_ids_are_unique_and_what_is_referred_to_exists(seen: Seen) -> None:
    ids = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {
        attributes["aria-labelledby"] for _, attributes in seen.tags if "aria-labelledby" in attributes
    } <= set(ids)


def test_everything_to_look_at_has_words(seen: Seen) -> None:
    assert len(seen.all("img")) == 12 and all(image["alt"] for image in seen.all("img"))
    drawn = [one for tag, one in seen.tags if one.get("role") == "img"]
    assert len(drawn) == 2 and all(one["aria-label"] for one in drawn)
    assert len(seen.all("details")) == 2


def test_every_table_has_a_caption_and_heads(seen: Seen) -> None:
    assert len(seen.all("caption")) == len(seen.all("table")) == 6
    assert {one["scope"] for one in seen.all("th")} == {"col", "row"}


def test_the_table_behind_a_chart_says_what_was_not_measured() -> None:
    bars = Bars(
        "c",
        (
            Bar("nothing", 0, 0, 0, hatched=True),
            Bar("no number", float("nan"), 0, 1),
            Bar("some", 0.5, 0.4, 0.6),
        ),
        "a",
    )
    seen = Seen(html(one_block(bars)))
    cells = [words for tag, words in seen.words if tag in ("td", "th")][5:]
    assert cells[:3] == ["nothing", "not measured", "\u2013"]
    assert cells[5:7] == ["no number", "not measured"]
    assert cells[10:13] == ["some", "50.0 %", "40.0 % to 60.0 %"]
    assert len([one for one in seen.all("rect") if one.get("class") == "unmeasured"]) == 3  # and the legend
    assert "nan" not in seen.text


def test_a_bar_its_interval_its_baseline_and_lines_stand_where_the_numbers_say() -> None:
    bars = Bars("c", (Bar("one", 0.25, 0.125, 1.7, 0.5),), "a", (("cut-off", 0.75),))
    seen = Seen(html(one_block(bars)))
    assert next(one["width"] for one in seen.all("rect") if one["class"] == "value") == "25.00%"
    lines = {
        str(one["class"]): (one["x1"], one["x2"])
        for one in reversed(seen.all("line"))
        if "%" in str(one["x1"])
    }
    assert lines["whisker"] == ("12.50%", "100.00%")
    assert lines["baseline"] == ("50.00%", "50.00%")
    assert lines["named"] == ("75.00%", "75.00%")
    assert "cut-off" in seen.text


def test_sections_for_people_are_empty_and_marked(seen: Seen) -> None:
    human = [one for one in seen.all("section") if one.get("class") == "human"]
    assert len(human) == 3
    assert seen.text.count("To be completed by a person.") == 3
    assert seen.text.count("empty, to be completed by a person") == 11


def test_a_verdict_is_a_word_before_it_is_a_colour() -> None:
    seen = Seen(html(one_block(Verdict("Nobody tested it.", "open", "NOT RUN"))))
    assert ("strong", "NOT RUN") in seen.words
    assert {"class": "verdict open"} in seen.all("p")


def test_an_empty_fact_is_to_be_completed() -> None:
    seen = Seen(html(one_block(Facts((("Owner", " "), ("System", "door"))))))
    assert ("em", "to be completed") in seen.words and ("dd", "door") in seen.words


def test_an_empty_table_says_so() -> None:
    assert ("td", "nothing to list") in Seen(html(one_block(Table("c", ("a", "b"), ())))).words


def test_the_banner_stands_on_every_printed_page_too(page: bytes, seen: Seen) -> None:
    assert seen.text.startswith("Illustrative: measured on synthetic people")
    printed = re.search(rb"@top-left \{ content: \"([^\"]*)\"", page)
    assert printed is not None
    told = re.sub(rb"\\([0-9a-f]{6})", lambda found: chr(int(found[1], 16)).encode(), printed[1]).decode()
    assert told == " ".join(sample().banner)


def test_a_person_is_blurred_in_the_pixels_unless_unlocked() -> None:
    report = one_block(Picture(face(3), "a person", "somebody", person=True))
    locked, open_ = html(report), html(report, unlocked=True)
    blurred, sharp = pixels(locked), pixels(open_)
    assert edges(blurred) < 3 < edges(sharp)
    assert "blurred: may show a real person" in Seen(locked).text
    assert Seen(locked).all("img")[0]["alt"] == "Blurred picture: a person"
    assert "blurred" not in Seen(open_).text


def test_two_people_of_one_look_cannot_be_told_apart_when_blurred() -> None:
    one, other = (Image.open(io.BytesIO(face(5))), Image.open(io.BytesIO(face(5))))
    other.paste((20, 20, 20), (22, 27, 43, 34))  # a mask over the eyes
    buffer = io.BytesIO()
    other.save(buffer, "PNG")
    first, second = (
        pixels(html(one_block(Picture(png, "a", "b", person=True)))) for png in (face(5), buffer.getvalue())
    )
    assert np.abs(np.asarray(one, float) - np.asarray(other, float)).max() > 100
    assert np.abs(first - second).max() < 60


def test_the_watermark_is_in_the_pixels() -> None:
    report = one_block(Picture(face(1), "a", "b"))
    without, with_word = pixels(html(report)), pixels(html(replace(report, watermark="synthetic")))
    changed = np.abs(without - with_word).max(axis=2) > 30
    assert changed[: changed.shape[0] // 5].sum() > 200 and changed[-changed.shape[0] // 5 :].sum() > 200


def test_what_a_file_carried_beside_its_pixels_is_gone() -> None:
    notes = PngInfo()
    notes.add_text("Comment", "taken at home")
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG", pnginfo=notes)
    assert b"taken at home" in buffer.getvalue()
    image = Seen(html(one_block(Picture(buffer.getvalue(), "a", "b")))).all("img")[0]
    assert b"taken at home" not in base64.b64decode(str(image["src"]).partition(",")[2])


def test_many_large_pictures_are_made_smaller_until_the_file_is_small_enough() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (320, 320, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG", compress_level=0)
    picture = Picture(buffer.getvalue(), "noise", "noise")
    made = html(one_block(*[picture] * 12))
    assert len(made) < LARGEST
    assert len(Seen(made).all("img")) == 12


def test_a_report_that_cannot_be_made_small_is_refused() -> None:
    with pytest.raises(DataUnusable, match="smaller than 3000000 bytes"):
        html(one_block(Table("c", ("a",), (("x" * 3_000_000,),))))


def test_bytes_that_are_no_png_are_refused_with_a_sentence() -> None:
    with pytest.raises(DataUnusable, match="'the caption' cannot be read"):
        html(one_block(Picture(b"<svg onload=alert(1)>", "a", "the caption")))


def test_fields_to_complete_are_ruled() -> None:
    seen = Seen(html(one_block(ToComplete(("Name", "Date")))))
    assert [words for tag, words in seen.words if tag == "dt"] == ["Name", "Date"]
    assert {"class": "blank"} in seen.all("dl")


def test_the_same_report_gives_the_same_bytes(page: bytes) -> None:
    assert html(sample()) == page


def pixels(page: bytes) -> np.ndarray:
    source = str(Seen(page).all("img")[0]["src"]).partition(",")[2]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(source))).convert("RGB"), float)


def edges(image: np.ndarray) -> float:
    """The steepest hundredth of steps between neighbours."""
    return float(np.percentile(np.abs(np.diff(image, axis=1)), 99))
