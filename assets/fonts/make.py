"""Make the report's fonts again: one weight, the characters of European names, no kerning tables.

From the variable fonts that Streamlit ships: `pip install brotli`, then `python assets/fonts/make.py`. The
licence reserves the name of the originals, so what is made from them carries another.
"""

from importlib.resources import files
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

MEDIA = Path(str(files("streamlit"))) / "static" / "static" / "media"
FONTS = {
    "report-serif-600": ("SourceSerifVariable-Roman", "Report Serif SemiBold", {"wght": 600, "opsz": 20}),
    "report-sans-400": ("SourceSansVF-Upright", "Report Sans", {"wght": 400}),
    "report-sans-600": ("SourceSansVF-Upright", "Report Sans SemiBold", {"wght": 600}),
    "report-mono-400": ("SourceCodeVF-Upright", "Report Mono", {"wght": 400}),
}
RANGES = (
    (0x20, 0x24F), (0x2B0, 0x3FF), (0x400, 0x4FF), (0x1E00, 0x1EFF), (0x2000, 0x209F), (0x20A0, 0x22FF),
    (0x25A0, 0x25FF), (0xFFFD, 0xFFFD),
)  # fmt: skip
"""Latin, Greek and Cyrillic with their marks, punctuation, currencies, arrows, mathematics, shapes."""
KEPT_NAMES = (0, 5, 7, 13, 14)
"""Copyright, version, trademark and licence stay; the names (1, 3, 4, 6, 16, 17) are ours."""


def main() -> None:
    """Write every font beside this file."""
    for file, (original, name, place) in FONTS.items():
        source = next(MEDIA.glob(f"{original}.ttf.*.woff2"))
        font = instantiateVariableFont(TTFont(source, recalcTimestamp=False), place)
        figures_of_one_width(font)
        options = Options(layout_features=[], hinting=False, name_IDs=[*KEPT_NAMES], notdef_outline=True)
        options.drop_tables += ["GSUB", "GPOS", "GDEF", "STAT", "MVAR", "HVAR", "avar", "DSIG"]
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=[code for first, last in RANGES for code in range(first, last + 1)])
        subsetter.subset(font)
        rename(font, name)
        font.flavor = None
        font.save(Path(__file__).with_name(f"{file}.ttf"))


def figures_of_one_width(font: TTFont) -> None:
    """Let the digits be those that stand under each other in a table (the feature tnum)."""
    for feature in font["GSUB"].table.FeatureList.FeatureRecord:
        if feature.FeatureTag != "tnum":
            continue
        for place in feature.Feature.LookupListIndex:
            for lookup in font["GSUB"].table.LookupList.Lookup[place].SubTable:
                swapped = getattr(getattr(lookup, "ExtSubTable", lookup), "mapping", {})
                for table in font["cmap"].tables:
                    for digit in map(ord, "0123456789"):
                        table.cmap[digit] = swapped.get(table.cmap[digit], table.cmap[digit])
        return


def rename(font: TTFont, name: str) -> None:
    """Give the font its own name everywhere a name is looked up."""
    for place, text in ((1, name), (2, "Regular"), (3, name), (4, name), (6, name.replace(" ", ""))):
        font["name"].setName(text, place, 3, 1, 0x409)


if __name__ == "__main__":
    main()
