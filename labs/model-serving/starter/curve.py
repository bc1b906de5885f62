"""Draws latency against throughput, one line a model. Given."""

from __future__ import annotations

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 700, 380, 70, 20, 46, 52
COLOURS = {"q4_1": "#1f5fa8", "q8_0": "#b3541e"}

Place = tuple[float, float]


def draw(levels: list[dict]) -> str:
    """Mean time of an answer over tokens a second: closed loop as dots, open loop as squares."""
    shown = [one for one in levels if one["total_ms"]["mean"] > 0]
    most_x = max((one["tokens_per_second"] for one in shown), default=1) * 1.08
    most_y = max((one["total_ms"]["mean"] / 1000 for one in shown), default=1) * 1.1

    def place(one: dict) -> Place:
        x = LEFT + one["tokens_per_second"] / most_x * (WIDTH - LEFT - RIGHT)
        y = HEIGHT - BOTTOM - one["total_ms"]["mean"] / 1000 / most_y * (HEIGHT - TOP - BOTTOM)
        return round(x, 1), round(y, 1)

    parts = axes(most_x, most_y)
    for index, (name, colour) in enumerate(COLOURS.items()):
        mine = [one for one in shown if one["model"] == name]
        closed = [place(one) for one in mine if one["mode"] == "closed"]
        points = " ".join(f"{x},{y}" for x, y in closed)
        if closed:
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}"/>')
        for one in mine:
            parts.extend(mark(one, place(one), colour, below=18 * index))
        parts.append(text((LEFT + 14 + 60 * index, TOP + 16), name, colour))
    return "\n".join([*parts, "</svg>", ""])


def axes(most_x: float, most_y: float) -> list[str]:
    right, ground = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="system-ui, sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<path d="M{LEFT} {TOP}V{ground}H{right}" fill="none" stroke="#555"/>',
        text((right, HEIGHT - 12), "tokens a second, all callers together", anchor="end"),
        text((LEFT - 50, 20), "seconds for a whole answer, mean"),
        text((right, 20), "dots: callers in closed loop, squares: open loop", anchor="end"),
    ]
    for step in range(1, 5):
        x = LEFT + step / 4 * (right - LEFT)
        y = ground - step / 4 * (ground - TOP)
        parts.append(text((x, ground + 16), f"{most_x * step / 4:.0f}", anchor="middle"))
        parts.append(text((LEFT - 6, y + 4), f"{most_y * step / 4:.2f}", anchor="end"))
        parts.append(f'<path d="M{LEFT} {y:.0f}H{right}" stroke="#ddd"/>')
    return parts


def mark(one: dict, at: Place, colour: str, below: int) -> list[str]:
    x, y = at
    label = f"{one['level']:g}"
    if one["mode"] == "closed":
        shape = f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>'
    else:
        shape = f'<path d="M{x - 4} {y - 4}h8v8h-8z" fill="none" stroke="{colour}"/>'
        label += "/s"
    return [shape, text((x + 7, y - 6 + below), label, colour)]


def text(at: Place, words: str, colour: str = "#222", anchor: str = "start") -> str:
    x, y = at
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" text-anchor="{anchor}">{words}</text>'
