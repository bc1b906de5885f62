"""What retries do to a provider that is in trouble: a simulation that runs on your retries.py.

    python amplify.py

One hundred calls a second for a minute. In one world two attempts in a hundred fail by chance. In
the other the provider can answer 60 a second from second 15 to second 45, and 200 before and after;
what is too much for it fails at once. Writes amplification.json and amplification.svg. The same
seed each time: the figures are yours to repeat.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
from collections import Counter
from pathlib import Path

from retries import Policy, RetryBudget, pause

CALLS_A_SECOND = 100
SECONDS = 60
TROUBLE = range(15, 45)
CAPACITY, CAPACITY_IN_TROUBLE = 200, 60
CHANCE = 0.02
# What is counted: the trouble without its first seconds, when the bucket still has its reserve.
STEADY = range(25, 45)
# After so long nobody waits for the answer any more.
PATIENCE_S = 10


class Unlimited:
    """No budget: every retry is allowed."""

    def deposit(self) -> None: ...

    def withdraw(self) -> bool:
        return True


# Attempts of ours, attempts that the client makes of each, and the budget.
MODES = {
    "no retries": (1, 1, Unlimited),
    "4 attempts": (4, 1, Unlimited),
    "4 attempts of a client that makes 3": (4, 3, Unlimited),
    "4 attempts with a budget": (4, 1, RetryBudget),
}


def wait(attempt: int, inner: int, policy: Policy, rng: random.Random) -> float:
    """The client's own pauses double from half a second, less up to a quarter; the others are
    yours.
    """
    ours, of_client = divmod(attempt, inner)
    if of_client == 0:
        return pause(ours, None, policy, rng.random)
    return 0.5 * 2 ** (of_client - 1) * (1 - 0.25 * rng.random())


def simulate(mode: str, brownout: bool) -> dict:
    outer, inner, make_budget = MODES[mode]
    policy, budget = Policy(), make_budget()
    rng = random.Random(7)
    order = itertools.count()
    calls = CALLS_A_SECOND * SECONDS
    events = [(number / CALLS_A_SECOND, next(order), 1, number) for number in range(calls)]
    heapq.heapify(events)
    load, served, answered = Counter(), Counter(), set()
    while events:
        at, _, attempt, number = heapq.heappop(events)
        if attempt == 1:
            budget.deposit()
        load[int(at)] += 1
        tenth = int(at * 10)
        if brownout:
            capacity = CAPACITY_IN_TROUBLE if int(at) in TROUBLE else CAPACITY
            good = served[tenth] < capacity / 10
        else:
            good = rng.random() >= CHANCE
        if good:
            served[tenth] += 1
            if at - number / CALLS_A_SECOND < PATIENCE_S:
                answered.add(number)
        elif attempt < outer * inner and budget.withdraw():
            later = at + wait(attempt, inner, policy, rng)
            heapq.heappush(events, (later, next(order), attempt + 1, number))
    steady = [number for number in range(calls) if number // CALLS_A_SECOND in STEADY]
    return {
        "amplification": round(sum(load[second] for second in STEADY) / len(steady), 2),
        "answered": round(sum(number in answered for number in steady) / len(steady), 4),
        "peak_per_second": max(load.values()),
        "attempts_per_second": [load[second] for second in range(SECONDS)],
    }


def main() -> None:
    result = {
        world: {mode: simulate(mode, brownout=world == "brownout") for mode in MODES}
        for world in ("chance", "brownout")
    }
    for world, modes in result.items():
        print(f"{world:<38} {'load':>6} {'answered':>9} {'peak/s':>7}")
        for mode, found in modes.items():
            print(
                f"  {mode:<36} {found['amplification']:>5}x {found['answered']:>9.1%} "
                f"{found['peak_per_second']:>7}"
            )
    Path("amplification.json").write_text(json.dumps(result) + "\n", encoding="utf-8")
    Path("amplification.svg").write_text(drawing(result["brownout"]), encoding="utf-8")


def drawing(modes: dict) -> str:
    """Attempts a second over the minute, one line for each mode."""
    left, top, width, height = 60, 40, 610, 250
    bottom, right = top + height, left + width
    most = max(max(found["attempts_per_second"]) for found in modes.values())
    most = (most // 200 + 1) * 200

    def x(second: float) -> float:
        return round(left + width * second / SECONDS, 1)

    def y(value: float) -> float:
        return round(bottom - height * value / most, 1)

    def text(at_x: float, at_y: float, words: object, anchor: str = "start") -> str:
        return f'<text x="{at_x}" y="{at_y}" text-anchor="{anchor}" fill="#333">{words}</text>'

    start, stop = x(TROUBLE.start), x(TROUBLE.stop)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 370" width="700" height="370"',
        ' font-family="system-ui, sans-serif" font-size="13">',
        '<rect width="700" height="370" fill="#ffffff"/>',
        f'<rect x="{start}" y="{top}" width="{stop - start}" height="{height}" fill="#f3efe6"/>',
        text(start + 6, top + 16, f"the provider can answer {CAPACITY_IN_TROUBLE} a second"),
        text(left, 24, f"attempts a second, for {CALLS_A_SECOND} calls a second"),
    ]
    for value in range(0, most + 1, 200):
        parts.append(f'<path d="M{left} {y(value)}H{right}" stroke="#ddd"/>')
        parts.append(text(left - 8, y(value) + 4, value, "end"))
    for second in range(0, SECONDS + 1, 15):
        parts.append(text(x(second), bottom + 18, f"{second} s", "middle"))
    for number, (mode, found) in enumerate(modes.items()):
        colour = ("#7a7a7a", "#c2410c", "#7c2d92", "#0f766e")[number]
        counts = enumerate(found["attempts_per_second"])
        points = " ".join(f"{x(second + 0.5)},{y(count)}" for second, count in counts)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        column, row = divmod(number, 2)
        at_x, at_y = left + 320 * column, bottom + 42 + 20 * row
        parts.append(f'<path d="M{at_x} {at_y}h22" stroke="{colour}" stroke-width="3"/>')
        parts.append(text(at_x + 30, at_y + 4, mode))
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    main()
