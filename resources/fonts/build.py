"""Makes the bundled fonts from Inter: own family names, tabular figures, only the letters that are needed.

Run by `make fonts`. An own name, because an installed Inter would win over the bundled one; tabular
figures are mapped in place of the proportional ones, so that no style sheet needs a feature flag.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parent
PACKAGE = "inter-ui@4.1.1"
SHA256 = "e392e4d71f18a7c1f23dfecd833d68fa05eeab41862686584e80fd2b5d87e9c0"
VERSION = "4.1.1"

SYMBOLS = (
    *range(0x2010, 0x2028),  # dashes, quotes, dots
    *range(0x202F, 0x203B),  # narrow space, per mille, primes
    *(0x2044, 0x20AC, 0x2116, 0x2122, 0x2126, 0x212E),
    *range(0x2070, 0x209D),  # superscripts and subscripts: SpO₂
    *range(0x2150, 0x215F),  # fractions
    *range(0x2190, 0x219A),  # arrows
    *(0x2202, 0x2206, 0x2211, 0x2212, 0x2215, 0x2219, 0x221A, 0x221E, 0x222B, 0x2248, 0x2260, 0x2264, 0x2265),
    *range(0x25A0, 0x25D0),  # squares, triangles, circles
    *(0x2605, 0x2606, 0x2610, 0x2611, 0x2612, 0x2660, 0x2665, 0x26A0, 0x2713, 0x2717),
)
LATIN_1 = range(0x20, 0x100)
# A patient's name is printed as it is spelt: all of Latin with Vietnamese, combining marks, Greek, Cyrillic.
LETTERS = (*range(0x100, 0x250), *range(0x2B0, 0x370), *range(0x370, 0x530), *range(0x1E00, 0x1F00))
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl"]


@dataclass(frozen=True)
class Cut:
    """One file to make."""

    source: str
    family: str
    style: str
    letters: tuple[int, ...]

    @property
    def postscript(self) -> str:
        """The name without spaces: the PostScript name and the file's name."""
        return f"{self.family.replace(' ', '')}-{self.style}"


TEXT = (*LATIN_1, *LETTERS, *SYMBOLS)
DIGITS = (*LATIN_1, *SYMBOLS)
CUTS = (
    Cut("web/Inter-Medium.woff2", "Chairside Text", "Medium", TEXT),
    Cut("web/Inter-SemiBold.woff2", "Chairside Text", "SemiBold", TEXT),
    Cut("display/InterDisplay-Medium.woff2", "Chairside Digits", "Medium", DIGITS),
    Cut("display/InterDisplay-SemiBold.woff2", "Chairside Digits", "SemiBold", DIGITS),
)


def tabular(font: TTFont) -> dict[str, str]:
    """The glyphs that the feature tnum puts in place of others."""
    gsub = font["GSUB"].table
    lookups = {
        number
        for record in gsub.FeatureList.FeatureRecord
        if record.FeatureTag == "tnum"
        for number in record.Feature.LookupListIndex
    }
    mapping: dict[str, str] = {}
    for number in sorted(lookups):
        for subtable in gsub.LookupList.Lookup[number].SubTable:
            mapping.update(getattr(subtable, "ExtSubTable", subtable).mapping)
    return mapping


def freeze_figures(font: TTFont) -> None:
    """Let the ten digits be the tabular ones for everybody."""
    mapping = tabular(font)
    proportional = font.getBestCmap()
    figures = {code: mapping[proportional[code]] for code in range(ord("0"), ord("9") + 1)}
    for table in font["cmap"].tables:
        table.cmap.update(figures)


def rename(font: TTFont, cut: Cut) -> None:
    """Give the font its own family; copyright and licence stay Inter's."""
    names = font["name"]
    for number in (1, 2, 3, 4, 6, 16, 17, 18, 20, 21, 22, 25):
        names.removeNames(nameID=number)
    for number, text in {
        1: f"{cut.family} {cut.style}",
        2: "Regular",
        3: f"{VERSION};Chairside;{cut.postscript}",
        4: f"{cut.family} {cut.style}",
        6: cut.postscript,
        16: cut.family,
        17: cut.style,
    }.items():
        names.setName(text, number, 3, 1, 0x409)


def subset(font: TTFont, letters: tuple[int, ...]) -> None:
    """Keep these letters and the features that place them."""
    options = Options()
    options.layout_features = FEATURES
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.hinting = False
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)


def build(cut: Cut, package: Path) -> Path:
    """Write one TTF and give its path."""
    font = TTFont(package / cut.source, recalcTimestamp=False)
    font.flavor = None
    freeze_figures(font)
    rename(font, cut)
    subset(font, cut.letters)
    path = HERE / f"{cut.postscript}.ttf"
    font.save(path)
    return path


def fetch(folder: Path) -> Path:
    """Download Inter by npm, check its bytes, unpack it."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("Building the fonts needs npm: sudo apt-get install npm")
    subprocess.run([npm, "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != SHA256:
        sys.exit(f"{PACKAGE} is not the package that was reviewed: its SHA-256 is {found}.")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package"


def main() -> None:
    """Build all four and copy the licence beside them."""
    with tempfile.TemporaryDirectory() as folder:
        package = fetch(Path(folder))
        for cut in CUTS:
            path = build(cut, package)
            print(f"{path.name}: {path.stat().st_size // 1024} KiB")
        shutil.copyfile(package / "LICENSE.txt", HERE / "LICENSE.txt")


if __name__ == "__main__":
    main()
