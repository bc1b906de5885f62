"""Draws the rows of measure.py as an SVG. Given."""

from __future__ import annotations

import math
from html import escape

WIDTH, HEIGHT = 680, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 36, 56
COLOURS = ("#1c5d99", "#b3541e", "#4d7c3a")


def plot(rows: list[dict]) -> str:
    """Recall over the share that passes, a line for each way."""

    def x(share: float) -> float:
        return LEFT + (math.log10(max(share, 0.005)) + 2.3) / 2.3 * (WIDTH - LEFT - RIGHT)

    def y(recall: float) -> float:
        return TOP + (1 - recall) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="13" fill="#222">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-weight="600">recall@10 by what passes the filter</text>',
    ]
    for recall in (0, 0.25, 0.5, 0.75, 1):
        at = y(recall)
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>'
            f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{recall:g}</text>'
        )
    for row in rows:
        parts.append(
            f'<text x="{x(row["share"]):.1f}" y="{HEIGHT - BOTTOM + 20}" '
            f'text-anchor="middle">{row["share"]:.1%}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text x="{middle:.0f}" y="{HEIGHT - 12}" text-anchor="middle">share that passes</text>'
    )
    for number, (way, colour) in enumerate(zip(rows[0]["ways"], COLOURS, strict=True)):
        places = [(x(row["share"]), y(row["ways"][way]["recall"])) for row in rows]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{colour}"/>' for a, b in places]
        at = TOP + 20 + number * 22
        parts.append(
            f'<rect x="{WIDTH - RIGHT + 20}" y="{at - 10}" width="12" height="12" fill="{colour}"/>'
            f'<text x="{WIDTH - RIGHT + 40}" y="{at}">{escape(way.replace("_", " "))}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])
