"""Which installed fonts hold Vietnamese: the faces that training pages and samples are set in.

In: font files where Debian and Ubuntu put them. Out: `FontFamily` records in a fixed order. A
family counts only when its four faces really draw every Vietnamese letter; Liberation, the usual
stand-in for Times New Roman, does not. Times-like faces weigh most, because offices print in
Times New Roman.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont

from vnrepair.errors import ResourceError
from vnrepair.language.letters import VIETNAMESE_LETTERS

__all__ = [
    "FONT_ROOTS",
    "MARKED_LETTERS",
    "Face",
    "FontFamily",
    "find_families",
    "holds_vietnamese",
    "load_font",
]

FONT_ROOTS = (Path("/usr/share/fonts"), Path("/usr/share/texmf/fonts"))


MARKED_LETTERS = "".join(sorted(c for c in VIETNAMESE_LETTERS if not c.isascii()))
"""Every Vietnamese letter that carries a mark, in both cases: what a font may lack."""

_IN_NO_FONT = "\U0010fffd"
"""A private-use code point: every font shows its stand-in for missing letters."""


class Face(Enum):
    """One of the four faces of a family; the value is its name in the training pairs."""

    REGULAR = "regular"
    BOLD = "bold"
    ITALIC = "italic"
    BOLD_ITALIC = "bold-italic"


@dataclass(frozen=True, slots=True)
class FontFamily:
    """Four font files of one design.

    Attributes:
        name: Such as "Tinos".
        share: How often training pages use it beside the other families, > 0, no unit.
        files: One file per `Face`, in the order of the enum.
    """

    name: str
    share: float
    files: tuple[Path, Path, Path, Path]

    def file(self, face: Face) -> Path:
        """The font file of a face."""
        return self.files[list(Face).index(face)]


_CROSCORE, _GYRE = "truetype/croscore", "opentype/public/tex-gyre"
_NOTO, _DEJAVU, _FREE = "truetype/noto", "truetype/dejavu", "truetype/freefont"

# name, share, folder, file names with a gap for the face, the four faces. Tinos has the widths of
# Times New Roman and Arimo those of Arial; the others keep the channel from learning one design by
# heart.
_TITLE = ("Regular", "Bold", "Italic", "BoldItalic")
_LOWER = ("regular", "bold", "italic", "bolditalic")
_KNOWN = (
    ("Tinos", 0.55, _CROSCORE, "Tinos-{}.ttf", _TITLE),
    ("Termes", 0.10, _GYRE, "texgyretermes-{}.otf", _LOWER),
    ("FreeSerif", 0.08, _FREE, "FreeSerif{}.ttf", ("", "Bold", "Italic", "BoldItalic")),
    ("Arimo", 0.08, _CROSCORE, "Arimo-{}.ttf", _TITLE),
    ("Noto Serif", 0.06, _NOTO, "NotoSerif-{}.ttf", _TITLE),
    ("Pagella", 0.03, _GYRE, "texgyrepagella-{}.otf", _LOWER),
    ("Bonum", 0.02, _GYRE, "texgyrebonum-{}.otf", _LOWER),
    ("Heros", 0.02, _GYRE, "texgyreheros-{}.otf", _LOWER),
    ("Noto Sans", 0.02, _NOTO, "NotoSans-{}.ttf", _TITLE),
    ("DejaVu Serif", 0.02, _DEJAVU, "DejaVuSerif{}.ttf", ("", "-Bold", "-Italic", "-BoldItalic")),
    ("DejaVu Sans", 0.02, _DEJAVU, "DejaVuSans{}.ttf", ("", "-Bold", "-Oblique", "-BoldOblique")),
)


def find_families(roots: Sequence[Path] = FONT_ROOTS) -> tuple[FontFamily, ...]:
    """Installed families whose four faces hold every Vietnamese letter, in a fixed order.

    Args:
        roots: Folders to look in; the first that holds a family wins.

    Raises:
        ResourceError: Not one family was found.
    """
    return _find_families(tuple(roots))


@cache
def _find_families(roots: tuple[Path, ...]) -> tuple[FontFamily, ...]:
    families = []
    for name, share, folder, pattern, faces in _KNOWN:
        for root in roots:
            regular, bold, italic, bold_italic = (
                root / folder / pattern.format(face) for face in faces
            )
            files = (regular, bold, italic, bold_italic)
            if all(file.is_file() and holds_vietnamese(file) for file in files):
                families.append(FontFamily(name, share, files))
                break
    if not families:
        raise ResourceError(
            f"no font with all Vietnamese letters under {', '.join(map(str, roots))}: "
            "install the package fonts-croscore"
        )
    return tuple(families)


@lru_cache(maxsize=256)
def load_font(file: Path, size_px: float) -> ImageFont.FreeTypeFont:
    """A font at a size, kept for the next call; basic layout, so that results repeat anywhere.

    Args:
        file: A TrueType or OpenType file.
        size_px: Size of the em square in pixels, > 0.

    Raises:
        ResourceError: The file is no font that FreeType can read.
    """
    try:
        return ImageFont.truetype(file, size_px, layout_engine=ImageFont.Layout.BASIC)
    except OSError as error:
        raise ResourceError(f"{file}: not a readable font ({error})") from error


def holds_vietnamese(file: Path) -> bool:
    """Whether a font draws every Vietnamese letter, judged by the glyphs themselves.

    A letter is missing when it looks as the font's stand-in for missing letters does, or is blank.

    Raises:
        ResourceError: The file is no font that FreeType can read.
    """
    font = load_font(file, 24)
    missing = bytes(font.getmask(_IN_NO_FONT))
    drawn = (bytes(font.getmask(letter)) for letter in MARKED_LETTERS)
    return all(any(glyph) and glyph != missing for glyph in drawn)
