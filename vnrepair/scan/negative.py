"""White print on black: microfilm as it was copied, screens, files saved the wrong way round.

The page as a whole is meant; a dark bar with a light heading in it is read as it is.
"""

import numpy as np

from vnrepair.scan.ink import find_ink

__all__ = ["is_negative"]

_SAMPLED_EVERY = 8  # pixels: one in 64 tells how dark a page is
_DARKEST_PAPER = 110.0  # median grey level; photographs of pages that were read lay above 150
_CONTRAST = 60.0  # grey levels between print and its ground
_MAX_PRINT_SHARE = 0.35  # of the pixels; a sheet photographed on a dark table takes up more
_BLOCK_PX = 32  # side of a square that holds letters and the ground around them
_MIN_SHARE = 0.8  # of the squares with print in them; of negatives 0.9 and more, of pages below 0.2
_MIN_LETTERS = 60  # about three lines; fewer may be the lights of a photograph


def is_negative(grey: np.ndarray) -> bool:
    """Whether a page is print lighter than its ground, all over.

    Args:
        grey: Page, uint8, shape (height, width).
    """
    sample = grey[::_SAMPLED_EVERY, ::_SAMPLED_EVERY]
    ground = float(np.median(sample))
    if ground > _DARKEST_PAPER or (sample > ground + _CONTRAST).mean() > _MAX_PRINT_SHARE:
        return False
    return _light_share(grey) >= _MIN_SHARE and find_ink(255 - grey).n_letters >= _MIN_LETTERS


def _light_share(grey: np.ndarray) -> float:
    """Share of the squares with print whose print is lighter than their ground; 0.0 for none."""
    rows, columns = (side // _BLOCK_PX for side in grey.shape)
    cut = grey[: rows * _BLOCK_PX, : columns * _BLOCK_PX]
    squares = cut.reshape(rows, _BLOCK_PX, columns, _BLOCK_PX).swapaxes(1, 2)
    blocks = squares.reshape(rows * columns, _BLOCK_PX**2).astype(np.int16)
    if not len(blocks):
        return 0.0
    low, high, ground = blocks.min(axis=1), blocks.max(axis=1), np.median(blocks, axis=1)
    has_print = high - low > _CONTRAST
    is_light = high - ground > ground - low
    return float(is_light[has_print].mean()) if has_print.any() else 0.0
