"""Tables on the screen, JSON files and drawings. Given: nothing in here has to be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any
from xml.sax.saxutils import escape

from corpus import Document, documents
from tokens import WINDOW, count


def write(path: str, content: Any) -> None:
    Path(path).write_text(
        json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    print(f"written to {path}")


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    lines = [[str(cell) for cell in line] for line in (head, *rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        first, *others = zip(line, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        print("  ".join(cells).rstrip())


def report_chunks(chunks: Callable[[Document], list]) -> None:
    """How much of the text each way of cutting hands to a model that reads WINDOW tokens."""
    found = documents()
    bodies = [f"{document.title}\n{document.body}" for document in found]
    windows = [text[at : at + 1000] for text in bodies for at in range(0, len(text), 1000)]
    yours = [chunk.content() for document in found for chunk in chunks(document)]
    ways = {"whole documents": bodies, "every 1,000 characters": windows, "your chunks": yours}
    figures = {}
    for way, texts in ways.items():
        sizes = sorted(count(text) for text in texts)
        cut = sum(max(0, size - WINDOW) for size in sizes)
        figures[way] = {
            "texts": len(sizes),
            "tokens": sum(sizes),
            "median": int(median(sizes)),
            "largest": sizes[-1],
            "texts_cut": sum(size > WINDOW for size in sizes),
            "tokens_cut_percent": round(100 * cut / sum(sizes), 1),
        }
    table(
        ["", "texts", "tokens", "median", "largest", "texts cut", "tokens cut"],
        [
            [way, *list(line.values())[:-1], f"{line['tokens_cut_percent']}%"]
            for way, line in figures.items()
        ],
    )
    write("chunks.json", figures)


def report_cost(offer: Callable[..., Any], reembedding: Callable[..., Any]) -> None:
    given = json.loads(Path("prices.json").read_text(encoding="utf-8"))
    own = json.loads(Path("chunks.json").read_text(encoding="utf-8"))["your chunks"]
    per_text = own["tokens"] / own["texts"]
    sizes = {
        "this index": own["texts"],
        "1 million chunks": 1_000_000,
        "50 million chunks": 50_000_000,
    }
    rows, figures = [], []
    for fields in given["offers"]:
        for size, texts in sizes.items():
            bill = reembedding(offer(**fields), texts, round(texts * per_text))
            figures.append({"offer": fields["name"], "size": size, "texts": texts, **asdict(bill)})
            hours = (
                f"{bill.minutes / 60:,.1f} h" if bill.minutes >= 60 else f"{bill.minutes:.2f} min"
            )
            rows.append([fields["name"], size, f"${bill.usd:,.4f}", f"{bill.requests:,}", hours])
    table(["", "size", "price", "requests", "time by quota"], rows)
    write("cost.json", {"prices_read_on": given["read_on"], "bills": figures})


WIDTH, LEFT, RIGHT = 720, 60, 20
COLOURS = ["#1f6f8b", "#b4552d", "#6b6b6b"]


def text_at(
    x: float, y: float, words: str, anchor: str = "start", colour: str = "#333", size: int = 12
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def svg(height: int, parts: list[str], title: str) -> str:
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
                f' width="{WIDTH}" height="{height}" font-family="system-ui, sans-serif"'
                ' role="img">'
            ),
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def draw_histograms(
    path: str, panels: list[tuple[str, dict[str, Sequence[float]]]], low: float
) -> None:
    """One panel a model: the share of scores in each step of 0.05, one colour a set of scores."""
    steps, top, panel = round((1 - low) / 0.05), 30, 190
    span = WIDTH - LEFT - RIGHT
    parts: list[str] = []
    for number, (name, sets) in enumerate(panels):
        ground = top + number * (panel + 50) + panel
        parts.append(text_at(LEFT, ground - panel - 6, name, size=14))
        shares = {}
        for label, scores in sets.items():
            bins = [0] * steps
            for score in scores:
                bins[min(steps - 1, max(0, int((score - low) / 0.05)))] += 1
            shares[label] = [filled / max(1, len(scores)) for filled in bins]
        highest = max(share for line in shares.values() for share in line)
        for colour, (label, line) in zip(COLOURS, shares.items(), strict=False):
            points = []
            for step, share in enumerate(line):
                y = ground - (panel - 30) * share / highest
                left, right = LEFT + span * step / steps, LEFT + span * (step + 1) / steps
                points += [f"{left:.1f},{y:.1f}", f"{right:.1f},{y:.1f}"]
            outline = f"{LEFT},{ground} " + " ".join(points) + f" {LEFT + span},{ground}"
            parts.append(
                f'<polygon points="{outline}" fill="{colour}" fill-opacity="0.25"'
                f' stroke="{colour}"/>'
            )
        for row, (colour, label) in enumerate(zip(COLOURS, sets, strict=False)):
            parts.append(
                text_at(WIDTH - RIGHT, ground - panel + 14 + 16 * row, label, "end", colour)
            )
        at = LEFT + span * (0.7 - low) / (1 - low)
        parts.append(
            f'<line x1="{at:.1f}" y1="{ground - panel + 8}" x2="{at:.1f}" y2="{ground}"'
            ' stroke="#333" stroke-dasharray="4 3"/>'
        )
        parts.append(text_at(at + 4, ground - panel + 18, "0.7"))
        parts.append(
            f'<line x1="{LEFT}" y1="{ground}" x2="{LEFT + span}" y2="{ground}" stroke="#333"/>'
        )
        for tick in range(0, steps + 1, 4):
            x = LEFT + span * tick / steps
            parts.append(text_at(x, ground + 16, f"{low + tick * 0.05:.1f}", "middle"))
    Path(path).write_text(
        svg(top + len(panels) * (panel + 50), parts, "Scores by model"), encoding="utf-8"
    )
    print(f"written to {path}")


def draw_batching(path: str, levels: list[dict]) -> None:
    """Texts a second and milliseconds a call, by batch size, both on scales that double."""
    import math

    height, top, panel = 330, 40, 230
    ground = top + panel
    parts: list[str] = []
    sides = [
        ("texts_per_second", "texts/s", COLOURS[0]),
        ("p50_ms", "ms a call (median)", COLOURS[1]),
    ]
    for side, (key, label, colour) in enumerate(sides):
        left = LEFT + side * 340
        values = [math.log2(level[key]) for level in levels]
        low, high = math.floor(min(values)), math.ceil(max(values) + 0.01)
        points = []
        for number, (level, value) in enumerate(zip(levels, values, strict=True)):
            x = left + 270 * number / (len(levels) - 1)
            y = ground - panel * (value - low) / (high - low)
            points.append(f"{x:.1f},{y:.1f}")
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
            parts.append(text_at(x, y - 8, f"{level[key]:.0f}", "middle", colour, 11))
            parts.append(text_at(x, ground + 18, str(level["size"]), "middle"))
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}"'
            ' stroke-width="2"/>'
        )
        parts.append(
            f'<line x1="{left}" y1="{ground}" x2="{left + 270}" y2="{ground}" stroke="#333"/>'
        )
        parts.append(text_at(left, top - 16, label, size=14))
        parts.append(text_at(left + 135, ground + 38, "texts in a batch", "middle"))
    Path(path).write_text(
        svg(height, parts, "Batch size against rate and latency"), encoding="utf-8"
    )
    print(f"written to {path}")
