"""Lines and columns: where text is broken, and how wide the columns of a table are."""

from collections.abc import Callable, Sequence

Measure = Callable[[str], float]


def wrapped(text: str, width: float, measure: Measure) -> list[str]:
    """Break text into lines no wider than `width`: at spaces, at its own line ends, and within long words."""
    lines: list[str] = []
    space = measure(" ")
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for word in paragraph.replace("\t", " ").split(" "):
            for place, piece in enumerate(pieces(word, width, measure)):
                size = measure(piece)
                if place == 0 and (not line or used + space + size <= width):
                    line, used = (f"{line} {piece}", used + space + size) if line else (piece, size)
                else:
                    lines.append(line)
                    line, used = piece, size
        lines.append(line)
    return lines


def pieces(word: str, width: float, measure: Measure) -> list[str]:
    """Cut a word that is wider than a line into parts that fit; any other word stays whole."""
    if measure(word) <= width:
        return [word]
    found, part, used = [], "", 0.0
    for one in word:
        size = measure(one)
        if part and used + size > width:
            found.append(part)
            part, used = "", 0.0
        part, used = part + one, used + size
    return [*found, part]


def shortened(text: str, width: float, measure: Measure) -> str:
    """Return one line no wider than `width`, with three dots where something was left out."""
    told = " ".join(text.split())
    if measure(told) <= width:
        return told
    kept, used = "", measure("\u2026")
    for one in told:
        used += measure(one)
        if used > width:
            break
        kept += one
    return kept.rstrip() + "\u2026"


def columns(cells: Sequence[Sequence[str]], width: float, measure: Measure) -> list[float]:
    """Share `width` out among columns: whole words first, then whole cells, what is left in proportion.

    `cells`: the rows with their heads, every row as long as the first.
    """
    count = len(cells[0])
    most = 0.45 * width if count > 2 else 0.7 * width
    least = [0.0] * count
    whole = [0.0] * count
    for row in cells:
        for at, cell in enumerate(row):
            least[at] = max(least[at], min(most, max(map(measure, cell.split() or [""]))))
            whole[at] = max(whole[at], min(3 * most, max(map(measure, cell.split("\n")))))
    if sum(least) >= width:
        return [max(size, 0.1) * width / max(sum(least), 0.1 * count) for size in least]
    wanted = [max(size - small, 0.0) for size, small in zip(whole, least, strict=True)]
    spare = width - sum(least)
    if sum(wanted) <= spare:
        rest = spare - sum(wanted)
        total = sum(whole) or 1.0
        return [size + rest * size / total for size in (max(pair) for pair in zip(whole, least, strict=True))]
    return [small + spare * more / sum(wanted) for small, more in zip(least, wanted, strict=True)]
