"""Judges the recorded files: whether they are whole, agree with each other, and carry the decision.
Given.

    python checks/evidence.py sweep|figures|little|bounds|decision

Everything is computed anew from samples.jsonl, by code that shares nothing with yours, and has to
fill the time that it is said to have taken. How fast anything was is not judged.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import NoReturn

import numpy as np

MODELS = ("q4_1", "q8_0")
CALLERS = (1, 2, 4, 8)
FEWEST = 20
BEYOND = 5
REACH = 20  # How much slower a machine may read memory now than when it was measured.

Key = tuple[str, str, float]


def say(**found: object) -> None:
    print(json.dumps({key: value for key, value in found.items() if value is not None}))


def passed(check: str, summary: str, *measured: tuple[str, float, str]) -> None:
    figures = [{"name": name, "value": value, "unit": unit} for name, value, unit in measured]
    say(check=check, status="passed", summary=summary, measured=figures)


def fail(
    check: str,
    summary: str,
    expected: str,
    actual: str,
    next_step: str,
    file: str,
    line: int | None = None,
) -> NoReturn:
    place = {"file": file, "line": line} if line else {"file": file}
    say(
        check=check,
        status="failed",
        summary=summary,
        expected=expected,
        actual=actual,
        next_step=next_step,
        place=place,
    )
    sys.exit(0)


def load(check: str, name: str):
    try:
        return json.loads(Path(name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        fail(
            check,
            f"{name} is not there.",
            name,
            "no such file",
            "Run the program that writes it.",
            name,
        )
    except ValueError as fault:
        fail(
            check,
            f"{name} is not JSON.",
            "JSON",
            str(fault),
            "Run the program that writes it again.",
            name,
        )


def named(key: Key) -> str:
    model, mode, level = key
    return f"{model}, {mode} loop at {level:g}" + (" a second" if mode == "open" else "")


def samples(check: str) -> dict[Key, list[dict]]:
    file = Path("samples.jsonl")
    if not file.exists():
        fail(
            check,
            "There are no samples.",
            "samples.jsonl",
            "no such file",
            "Run python sweep.py.",
            file.name,
        )
    levels: dict[Key, list[dict]] = defaultdict(list)
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            one = json.loads(line)
            levels[one["model"], one["mode"], one["level"]].append(one | {"line": number})
            ordered = (
                one["due"] - 0.005 <= one["sent"] <= one["first"] + 0.005
                and one["first"] <= one["last"]
            )
        except (ValueError, KeyError, TypeError) as fault:
            fail(
                check,
                "A line is not a sample.",
                "a JSON object with its times",
                repr(fault),
                "Run sweep.py again.",
                file.name,
                number,
            )
        if not ordered:
            times = ", ".join(f"{name} {one[name]}" for name in ("due", "sent", "first", "last"))
            fail(
                check,
                "A request's times are not in order.",
                "due <= sent <= first <= last",
                times,
                "Look at how load.py makes a Sample: all times are seconds since the run began.",
                file.name,
                number,
            )
    return levels


def at_once(level: list[dict]) -> int:
    """The most requests that were under way together."""
    steps = sorted(
        [(one["sent"], 1) for one in level] + [(one["last"], -1) for one in level],
        key=lambda s: (s[0], s[1]),
    )
    now = most = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most


def sweep() -> None:
    check = "the samples"
    levels = samples(check)
    for model in MODELS:
        mine = {key: found for key, found in levels.items() if key[0] == model}
        closed = sorted(level for _, mode, level in mine if mode == "closed")
        opened = [level for _, mode, level in mine if mode == "open"]
        if closed != list(CALLERS) or len(opened) < 3:
            fail(
                check,
                f"The sweep of {model} is not whole.",
                "closed loop at 1, 2, 4 and 8, and three rates",
                f"closed loop at {closed}, {len(opened)} rates",
                "Run python sweep.py with both models.",
                "samples.jsonl",
            )
        for key, found in mine.items():
            if len(found) < FEWEST:
                fail(
                    check,
                    f"Too few requests: {named(key)}.",
                    f"at least {FEWEST}",
                    str(len(found)),
                    "Run it with more --requests, or more --seconds on a slow machine.",
                    "samples.jsonl",
                )
            good = [one for one in found if one["error"] is None]
            if key[1] == "closed" and at_once(found) > key[2]:
                fail(
                    check,
                    f"More at once than callers: {named(key)}.",
                    f"at most {key[2]:g}",
                    str(at_once(found)),
                    "A caller of a closed loop sends again only when it has its answer.",
                    "samples.jsonl",
                )
            if key[1] == "closed" and len(good) < len(found) / 2:
                fail(
                    check,
                    f"Mostly errors: {named(key)}.",
                    "answers",
                    found[0]["error"] or "errors",
                    "Look at the gateway's record of requests.",
                    "samples.jsonl",
                )
            if any(one["completion_tokens"] < 1 for one in good):
                fail(
                    check,
                    f"Answers without tokens: {named(key)}.",
                    "completion tokens from the usage",
                    "0",
                    "Keep what the Answer says of its tokens.",
                    "samples.jsonl",
                )
    total = sum(len(found) for found in levels.values())
    passed(
        check,
        f"{total} requests at {len(levels)} levels.",
        ("requests", total, ""),
        ("levels", len(levels), ""),
    )


def percentile(values: list[float], p: int) -> float | None:
    rank = math.ceil(p * len(values) / 100)
    return sorted(values)[rank - 1] if len(values) - rank >= BEYOND else None


def figures_of(level: list[dict]) -> dict[str, float | None]:
    good = [one for one in level if one["error"] is None]
    window = max(one["last"] for one in level)
    totals = [(one["last"] - one["due"]) * 1000 for one in good]
    first = [(one["first"] - one["due"]) * 1000 for one in good]
    paced = [one for one in good if one["completion_tokens"] > 1]
    pace = [(one["last"] - one["first"]) * 1000 / (one["completion_tokens"] - 1) for one in paced]
    mean = sum(totals) / len(totals) if totals else 0.0
    return {
        "n": len(level),
        "errors": len(level) - len(good),
        "seconds": window,
        "requests_per_second": len(good) / window,
        "tokens_per_second": sum(one["completion_tokens"] for one in good) / window,
        "first_token_ms.p50": percentile(first, 50),
        "first_token_ms.p95": percentile(first, 95),
        "per_token_ms.p50": percentile(pace, 50),
        "per_token_ms.p95": percentile(pace, 95),
        "total_ms.mean": mean,
        "total_ms.p95": percentile(totals, 95),
        "little": len(good) / window * mean / 1000,
    }


def levels_of(check: str, measurements: dict) -> dict[Key, dict]:
    try:
        return {(one["model"], one["mode"], one["level"]): one for one in measurements["levels"]}
    except (KeyError, TypeError) as fault:
        fail(
            check,
            "measurements.json has no levels.",
            "a list `levels`",
            repr(fault),
            "Run python sweep.py.",
            "measurements.json",
        )


def at(figures: dict, path: str):
    for part in path.split("."):
        figures = figures[part]
    return figures


def lasted(span: dict) -> float:
    """Seconds from `began` to `ended`."""
    ends = (datetime.fromisoformat(span[name]) for name in ("began", "ended"))
    began, ended = (end.timestamp() for end in ends)
    return ended - began


def clock(check: str, measurements: dict) -> None:
    """Whether the levels fill the time in which the gateway recorded their calls."""
    file, again = "measurements.json", "Run python sweep.py again, and leave its times as they are."
    told = levels_of(check, measurements)
    try:
        closed = [one for key, one in told.items() if key[1] == "closed"]
        whole, parts = lasted(measurements["closed"]), sum(lasted(one) for one in closed)
        walls = {key: lasted(one) for key, one in told.items()}
    except (KeyError, TypeError, ValueError) as fault:
        fail(
            check,
            "The sweep does not say when it ran.",
            "`began` and `ended` of each level, and of the closed loops",
            repr(fault),
            "Run python sweep.py: it writes them.",
            file,
        )
    for key, wall in walls.items():
        # From a level's begin to the end of its last answer, which is its end but for a moment.
        seconds = told[key]["seconds"]
        if not 0.8 * wall - 1 <= seconds <= wall + 0.5:
            fail(
                check,
                f"The samples do not fill their time: {named(key)}.",
                f"about the {wall:.1f} s from `began` to `ended`",
                f"{seconds:.1f} s to the last answer",
                again,
                file,
            )
    if not 0.7 * whole - 2 <= parts <= whole + 0.5:
        fail(
            check,
            "The closed loops do not fill the time in which they ran.",
            f"about {whole:.1f} s for all eight, one after the other",
            f"{parts:.1f} s",
            again,
            file,
        )


def alone(check: str, found: dict[Key, list[dict]], measurements: dict) -> None:
    """Whether the calls that are held against the gateway's record are those of the samples."""
    for model in MODELS:
        one = [
            [round((s["first"] - s["sent"]) * 1000, 1), s["prompt_tokens"], s["completion_tokens"]]
            for s in found[model, "closed", 1]
            if s["error"] is None
        ]
        calls = [call for call in measurements["alone"][model]["calls"] if call]
        names = ("first_token_ms", "prompt_tokens", "completion_tokens")
        there = [[call.get(name) for name in names] for call in calls]
        # Samples are kept to a hundredth of a millisecond, calls to a tenth.
        same = len(one) == len(there) and all(
            mine[1:] == its[1:] and abs(mine[0] - its[0]) <= 0.15
            for mine, its in zip(one, there, strict=True)
        )
        if not same:
            odd = next((pair for pair in zip(one, there) if pair[0] != pair[1]), (one, there))
            fail(
                check,
                f"Samples and calls of one caller are not the same: {model}.",
                str(odd[0]),
                str(odd[1]),
                "Run python sweep.py: it writes both from one run.",
                "measurements.json",
            )


def figures() -> None:
    check = "the figures"
    found = samples(check)
    measurements = load(check, "measurements.json")
    told = levels_of(check, measurements)
    if set(found) != set(told):
        odd = named(sorted(set(found) ^ set(told))[0])
        fail(
            check,
            "Samples and figures are not of the same sweep.",
            "the same levels in both",
            f"{odd} in one only",
            "Run python sweep.py: it writes both.",
            "measurements.json",
        )
    for key, level in found.items():
        for path, right in figures_of(level).items():
            try:
                is_told = at(told[key], path)
            except (KeyError, TypeError):
                is_told = "nothing"
            if right is None or is_told is None or isinstance(is_told, str):
                same = right is is_told
            else:
                same = math.isclose(right, is_told, rel_tol=0.01, abs_tol=0.05)
            if not same:
                shown = "none: too few samples" if right is None else f"{right:.2f}"
                fail(
                    check,
                    f"{path} does not follow from the samples: {named(key)}.",
                    shown,
                    str(is_told),
                    "Figures come from the samples by summary.py: sweep again after a change.",
                    "measurements.json",
                )
    clock(check, measurements)
    alone(check, found, measurements)
    passed(check, f"Every figure of {len(found)} levels follows from the samples.")


def little() -> None:
    check = "Little's law"
    told = levels_of(check, load(check, "measurements.json"))
    ratios = []
    for key, one in told.items():
        if key[1] == "closed" and not 0.6 <= one["little"] / key[2] <= 1.1:
            fail(
                check,
                f"Rate times latency is not the number of callers: {named(key)}.",
                f"about {key[2]:g}",
                str(one["little"]),
                "In a closed loop, every caller always has one request under way.",
                "measurements.json",
            )
        if one["in_flight"] >= 0.8:
            ratio = one["little"] / one["in_flight"]
            if not 0.5 <= ratio <= 2:
                fail(
                    check,
                    f"Client and server disagree: {named(key)}.",
                    f"the server's {one['in_flight']} answers under way, within a factor of 2",
                    str(one["little"]),
                    "Did something else ask the gateway meanwhile, or is a rate of a part only?",
                    "measurements.json",
                )
            ratios.append(ratio)
    if not ratios:
        fail(
            check,
            "The server's count is missing.",
            "in_flight of each level",
            "0 everywhere",
            "Run python sweep.py: it reads the gateway's metrics meanwhile.",
            "measurements.json",
        )
    middle = sorted(ratios)[len(ratios) // 2]
    passed(
        check,
        "Rate times latency is what the server says it had under way.",
        ("median ratio", round(middle, 2), ""),
    )


def memory(check: str, told: dict) -> None:
    """Whether the bandwidth is that of its best try, and not out of this machine's reach."""
    file, again = "experiments.json", "Run python experiments.py bandwidth again."
    tries = told.get("seconds", [])
    if len(tries) < 20 or len(set(tries)) < 5 or sum(tries) > lasted(told):
        fail(
            check,
            "The bandwidth has no twenty tries behind it.",
            "`seconds` of twenty tries, within the time from `began` to `ended`",
            f"{len(tries)} tries, {len(set(tries))} of them different, {sum(tries):.2f} s",
            again,
            file,
        )
    best = told["bytes"] / min(tries) / 1e9
    if not math.isclose(told["gigabytes_per_second"], best, rel_tol=0.01):
        fail(
            check,
            "The bandwidth is not that of its best try.",
            f"{best:.2f} GB/s",
            f"{told['gigabytes_per_second']} GB/s",
            "What a data sheet says is not what was read here. " + again,
            file,
        )
    now = read_again(enough=best / REACH)
    if now < best / REACH:
        fail(
            check,
            "This machine does not read memory nearly that fast.",
            f"at most {REACH} times the {now:.2f} GB/s that it reads now",
            f"{best:.2f} GB/s",
            again,
            file,
        )


def read_again(enough: float) -> float:
    """Gigabytes a second that the cores together read from memory, in the best of sixty tries, or
    the first that is `enough`."""
    threads, best = min(16, os.cpu_count() or 1), 0.0
    parts = [np.ones(32 << 20 >> 3, dtype=np.float64) for _ in range(threads)]
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(60):
            began = time.perf_counter()
            list(pool.map(lambda part: float(np.dot(part, part)), parts))
            size = sum(part.nbytes for part in parts)
            best = max(best, size / (time.perf_counter() - began) / 1e9)
            if best >= enough:
                break
            time.sleep(0.1)
    return best


def bounds() -> None:
    check = "the bounds"
    weights, told = load(check, "weights.json"), load(check, "bounds.json")
    seen = load(check, "experiments.json")
    shape = weights["dimensions"]
    kv = 4 * shape["layers"] * shape["kv_heads"] * shape["head_size"]
    if told["kv_bytes_per_token"] != kv:
        fail(
            check,
            "Bytes of keys and values a token.",
            str(kv),
            str(told["kv_bytes_per_token"]),
            "Two tensors of layers x kv_heads x head_size half floats. Run python bounds.py again.",
            "bounds.json",
        )
    if set(seen.get("cold", {})) != set(MODELS):
        fail(
            check,
            "A cold start is missing.",
            "cold starts of q4_1 and q8_0",
            f"of {sorted(seen.get('cold', {}))}",
            "Run python experiments.py cold for both.",
            "experiments.json",
        )
    for name, cold in seen["cold"].items():
        firsts = [call["first_token_ms"] for call in cold.get("calls", [])[:2]]
        if firsts != [cold["cold_ms"], cold["warm_ms"]]:
            fail(
                check,
                f"cold_ms and warm_ms of {name} are not those of its first two calls.",
                f"{firsts}",
                f"{[cold['cold_ms'], cold['warm_ms']]}",
                "Run python experiments.py cold again, with a name that is new.",
                "experiments.json",
            )
        if cold["cold_ms"] <= cold["warm_ms"]:
            fail(
                check,
                f"The first answer of {name} was no cold start.",
                f"more than {cold['warm_ms']} ms",
                f"{cold['cold_ms']} ms",
                "The model was loaded already: import the file once more, under a new name.",
                "experiments.json",
            )
        each = cold["filled_bytes"] / max(1, cold["filled_tokens"])
        if cold["filled_bytes"] and not 0.5 * kv <= each <= 2.5 * kv:
            fail(
                check,
                f"Memory of {name} did not grow as its keys and values should.",
                f"about {kv} bytes a token",
                f"{each:.0f} bytes a token",
                "Memory that was used before does not grow: take a model that was just loaded.",
                "experiments.json",
            )
    prefix = seen["prefix"]
    of_calls = [
        median(call["first_token_ms"] for call in prefix["calls"][first::2]) for first in (0, 1)
    ]
    if [prefix["new_ms"], prefix["known_ms"]] != of_calls:
        fail(
            check,
            "new_ms and known_ms are not the medians of the prefix's calls.",
            f"{of_calls}",
            f"{[prefix['new_ms'], prefix['known_ms']]}",
            "Run python experiments.py prefix again, and leave its figures as they are.",
            "experiments.json",
        )
    reused = min(call["cached_tokens"] for call in prefix["calls"][1::2])
    if reused < 300 or prefix["known_ms"] >= prefix["new_ms"]:
        fail(
            check,
            "The known beginning was not faster.",
            f"less than {prefix['new_ms']} ms, from 300 cached tokens on",
            f"{prefix['known_ms']} ms, {reused} cached tokens",
            "Run python experiments.py prefix again.",
            "experiments.json",
        )
    memory(check, seen["bandwidth"])
    bandwidth = seen["bandwidth"]["gigabytes_per_second"] * 1e9
    for name in MODELS:
        mine = told["models"][name]
        bound = bandwidth / weights[name]["weight_bytes"]
        if not 0.5 * bound <= mine["bound_tokens_per_second"] <= bound * 1.01:
            fail(
                check,
                f"The bound of {name}.",
                f"at most {bound:.0f} tokens/s, a little less for the context",
                str(mine["bound_tokens_per_second"]),
                "Run python bounds.py after the last change.",
                "bounds.json",
            )
        if not 0.01 <= mine["share_of_bound"] <= 4:
            fail(
                check,
                f"{name} beside its bound.",
                "between 0.01 and 4 of it",
                str(mine["share_of_bound"]),
                "A pace far above the bound means that text came in one piece.",
                "bounds.json",
            )
    passed(
        check,
        "Bounds, memory and cold starts agree with what was measured.",
        ("keys and values", kv, "bytes a token"),
        ("known beginning", prefix["known_ms"], "ms"),
        *((f"{name} of its bound", told["models"][name]["share_of_bound"], "") for name in MODELS),
    )


def decision() -> None:
    check, file = "the setting", "setting.json"
    setting = load(check, file)
    told = levels_of(check, load(check, "measurements.json"))
    key = (setting["model"], "closed", setting["concurrency"])
    if key not in told:
        fail(
            check,
            "This setting was not measured.",
            "a model and a number of callers of the sweep",
            f"{setting['model']} at {setting['concurrency']}",
            "Take 1, 2, 4 or 8.",
            file,
        )
    one = told[key]
    first, pace = one["first_token_ms"]["p95"], one["per_token_ms"]["p95"]
    if first is None or pace is None:
        fail(
            check,
            "There is no 95th percentile at this level.",
            "at least 100 answers",
            str(one["n"] - one["errors"]),
            "Run the sweep with more requests: the promise is about 95 in 100.",
            "measurements.json",
        )
    answer = first + (setting["max_tokens"] - 1) * pace
    # Rounded up: whoever comes first into the queue may find all answers just begun.
    wait = math.ceil(setting["queue"] / setting["concurrency"]) * answer
    if wait + first > setting["first_token_p95_ms"]:
        fail(
            check,
            "Who comes last into the queue sees the first token too late.",
            f"at most {setting['first_token_p95_ms']} ms",
            f"{wait:.0f} ms in the queue and {first:.0f} ms for the first token",
            "A shorter queue, fewer tokens, or another number of callers.",
            file,
        )
    if wait + answer > setting["answer_within_ms"]:
        fail(
            check,
            "The whole answer comes too late.",
            f"at most {setting['answer_within_ms']} ms",
            f"{wait:.0f} ms in the queue, then {answer:.0f} ms for {setting['max_tokens']} tokens",
            "max_tokens follows from what queue and first token leave of the promise.",
            file,
        )
    passed(
        check,
        "The promise holds by your own figures, for the last in the queue too.",
        ("wait in the queue", round(wait), "ms"),
        ("first token, p95", round(first), "ms"),
        ("whole answer", round(wait + answer), "ms"),
    )


if __name__ == "__main__":
    {"sweep": sweep, "figures": figures, "little": little, "bounds": bounds, "decision": decision}[
        sys.argv[1]
    ]()
