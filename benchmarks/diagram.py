"""A reliability diagram as SVG, drawn by hand: no plotting library is worth one picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Curve", "draw_reliability"]

SIZE, MARGIN = 480, 56
COLOURS = ("#1b6ca8", "#c0392b", "#2e8b57", "#8e44ad", "#b9770e", "#34495e")


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of one kind of text.

    Attributes:
        name: For the key.
        points: Pairs of mean probability and share right, 0-1, by rising probability.
    """

    name: str
    points: Sequence[tuple[float, float]]


def draw_reliability(curves: Sequence[Curve]) -> str:
    """Share right over probability; on the dotted line, probabilities are as good as true."""
    width = SIZE + 2 * MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}" '
        'font-family="sans-serif" font-size="13">',
        "<title>Reliability of the probabilities</title>",
        f'<rect width="{width}" height="{width}" fill="white"/>',
        f'<path d="{_path([(0, 0), (1, 1)])}" stroke="grey" stroke-dasharray="3 4"/>',
        f'<path d="{_path([(0, 1), (0, 0), (1, 0)])}" stroke="black" fill="none"/>',
    ]
    for tick in range(0, 101, 20):
        across, down = _place(tick / 100, tick / 100)
        foot = MARGIN + SIZE + 18
        lines += (
            f'<text x="{across:g}" y="{foot}" text-anchor="middle">{tick}%</text>',
            f'<text x="{MARGIN - 8}" y="{down + 4:g}" text-anchor="end">{tick}%</text>',
        )
    middle = MARGIN + SIZE // 2
    lines += (
        f'<text x="{middle}" y="{width - 10}" text-anchor="middle">probability given</text>',
        f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">right</text>',
    )
    for number, curve in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        height = MARGIN + SIZE - 18 * (len(curves) - number)
        lines.append(f'<path d="{_path(curve.points)}" stroke="{colour}" fill="none"/>')
        for across, down in (_place(*point) for point in curve.points):
            lines.append(f'<circle cx="{across:g}" cy="{down:g}" r="3" fill="{colour}"/>')
        start = f'<text x="{MARGIN + SIZE}" y="{height}" text-anchor="end" fill="{colour}">'
        lines.append(f"{start}{escape(curve.name)}</text>")
    return "\n".join((*lines, "</svg>", ""))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:g} {y:g}" for x, y in (_place(*point) for point in points))


def _place(probability: float, right: float) -> tuple[float, float]:
    """Where a point lies on the page."""
    return round(MARGIN + SIZE * probability, 1), round(MARGIN + SIZE * (1 - right), 1)
