"""Looks at what your programs wrote, and computes it again. Given.

python checks/evidence.py chunks|sweep|index|evaluation|pairs|scores|cost
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np

from corpus import documents, questions
from tokens import DIMENSION, MODEL, WINDOW, count

SIZES = [1, 8, 32, 64, 128]
WAYS = [
    "chunks",
    "no label",
    "whole documents",
    "terse question",
    "polite question",
    "int8",
    "first 192 numbers",
    "first 48 numbers",
]
OWN_KINDS = ["negation", "number", "identifier", "near-duplicate"]
GIVEN_PAIRS = 4


def passed(summary: str, **measured: tuple[float, str]) -> None:
    figures = [
        {"name": name.replace("_", " "), "value": round(value, 4), "unit": unit}
        for name, (value, unit) in measured.items()
    ]
    print(
        json.dumps(
            {"check": sys.argv[1], "status": "passed", "summary": summary, "measured": figures}
        )
    )


def fail(summary: str, expected: str, actual: str, file: str, next_step: str) -> NoReturn:
    line = {
        "check": sys.argv[1],
        "status": "failed",
        "summary": summary,
        "expected": expected,
        "actual": actual,
        "place": {"file": file},
        "next_step": next_step,
    }
    print(json.dumps(line))
    sys.exit(0)


def read(path: str, made_by: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        fail(f"{path} is not there", "the file", "no such file", path, f"Run `python {made_by}`.")
    except ValueError as fault:
        fail(f"{path} cannot be read", "JSON", str(fault), path, f"Run `python {made_by}` again.")


def near(a: float, b: float, share: float = 0.02) -> bool:
    return math.isclose(a, b, rel_tol=share, abs_tol=1e-3)


def look_at_chunks() -> None:
    from chunks import chunks

    sizes, lost = [], Counter()
    for document in documents():
        found = chunks(document)
        sizes += [count(chunk.content()) for chunk in found]
        too_long = [chunk for chunk in found if count(chunk.content()) > WINDOW]
        if too_long:
            fail(
                f"{document.path} has a chunk that the model cannot read whole",
                f"{WINDOW} tokens at most, label included",
                f"{count(too_long[0].content())} tokens in chunk {too_long[0].number}",
                "chunks.py",
                "Count what is embedded: the label and the text together.",
            )
        # Heading lines go into labels; every other word has to be in some chunk.
        headings = " ".join(line for line in document.body.splitlines() if line.startswith("#"))
        kept = Counter(" ".join(chunk.text for chunk in found).split())
        missing = Counter("".join(document.body).split()) - kept - Counter(headings.split())
        # A word that was cut into halves is still there, as two.
        lost.update({word: n for word, n in missing.items() if count(word) < WINDOW // 2})
        if sum(lost.values()) > 0:
            fail(
                f"{document.path} loses text",
                "every word of it in a chunk",
                f"{sum(lost.values())} words are in none, such as {', '.join(list(lost)[:5])}",
                "chunks.py",
                "Look for these words in the document, and at the cut before them.",
            )
    report = read("chunks.json", "chunks.py")
    own = report["your chunks"]
    if own["texts"] != len(sizes) or own["tokens"] != sum(sizes):
        fail(
            "chunks.json tells of other chunks",
            f"{len(sizes)} chunks with {sum(sizes)} tokens",
            f"{own['texts']} chunks with {own['tokens']} tokens",
            "chunks.json",
            "Run `python chunks.py` again.",
        )
    passed(
        f"{len(sizes)} chunks, none above {WINDOW} tokens, no word lost",
        chunks=(len(sizes), ""),
        median_size=(median(sizes), "tokens"),
        cut_from_whole_documents=(report["whole documents"]["tokens_cut_percent"], "%"),
    )


def lasted(span: dict) -> float:
    """Seconds from `began` to `ended`."""
    try:
        began, ended = (datetime.fromisoformat(span[end]) for end in ("began", "ended"))
    except (KeyError, TypeError, ValueError) as fault:
        fail(
            "the sweep does not say when it ran",
            "`began` and `ended`, for each level and for all",
            repr(fault),
            "measurements.json",
            "Run `python sweep.py`: it writes them.",
        )
    return (ended - began).total_seconds()


def look_at_clock(result: dict) -> None:
    """Whether the levels fill the time in which the gateway recorded their calls. Two clocks are
    compared, and that of the day may be set meanwhile."""
    whole, parts, calls = lasted(result), 0.0, 0
    for level in result["sizes"] + result["variations"]:
        wall = lasted(level)
        parts += wall
        calls += len(level["calls"])
        if not 0.8 * wall - 1 <= level["seconds"] <= 1.1 * wall + 1:
            fail(
                f"batch {level['size']}, {level['concurrency']} at once: its seconds are not those"
                " of its time",
                f"about the {wall:.2f} s from `began` to `ended`",
                f"{level['seconds']} s",
                "measurements.json",
                "Run `python sweep.py` again, and leave its figures as they are. What else ran"
                " belongs into decision.md.",
            )
    if not 0.7 * whole - 2 <= parts <= 1.1 * whole + 1 or calls != result["answered"]:
        fail(
            "the levels do not make up the sweep",
            f"{result['answered']} calls, one level after the other in {whole:.1f} s",
            f"{calls} calls in {parts:.1f} s",
            "measurements.json",
            "Run `python sweep.py` again, and leave its figures as they are.",
        )


def look_at_sweep() -> None:
    result = read("measurements.json", "sweep.py")
    found = [level["size"] for level in result["sizes"]]
    if result["model"] != MODEL or found != SIZES or len(result["variations"]) != 3:
        fail(
            "not every level was measured",
            f"batches of {SIZES} and three variations, with {MODEL}",
            f"batches of {found} and {len(result['variations'])} variations, with"
            f" {result['model']}",
            "measurements.json",
            "Let `python sweep.py` run to its end.",
        )
    for level in result["sizes"] + result["variations"]:
        name = f"batch {level['size']}, {level['concurrency']} at once"
        calls, texts = level["calls"], sum(call["texts"] for call in level["calls"])
        if texts != 128 or len(calls) != math.ceil(128 / level["size"]):
            fail(
                f"{name}: the calls do not add up",
                f"128 texts in {math.ceil(128 / level['size'])} calls",
                f"{texts} texts in {len(calls)} calls",
                "measurements.json",
                "Every text is sent once. Look at `batches` in embedder.py, then run sweep.py"
                " again.",
            )
        busy = sum(call["ms"] for call in calls) / 1000
        if not near(level["texts_per_second"], texts / level["seconds"], 0.05) or (
            level["concurrency"] == 1
            and not 0.5 * level["seconds"] < busy <= 1.05 * level["seconds"]
        ):
            fail(
                f"{name}: rate and times contradict each other",
                "calls that fill the time, one after the other, and texts over seconds as the rate",
                f"{busy:.2f} s in calls, {level['seconds']} s in all, {level['texts_per_second']}"
                " texts/s",
                "measurements.json",
                "`ms` is the time from sending a batch to its answer. Waiting for a place is not"
                " in it.",
            )
        latencies = sorted(call["ms"] for call in calls)
        tokens = sum(call["tokens"] for call in calls)
        for key, computed in (
            ("p50_ms", latencies[math.ceil(len(latencies) / 2) - 1]),
            ("longest_ms", latencies[-1]),
            ("tokens_per_second", tokens / level["seconds"]),
        ):
            # Rates are told as whole numbers.
            if abs(level[key] - computed) > max(0.05 * computed, 0.6):
                fail(
                    f"{name}: {key} does not follow from the calls",
                    f"{computed:.1f}",
                    str(level[key]),
                    "measurements.json",
                    "Run `python sweep.py` again, and leave its figures as they are.",
                )
        if tokens != sum(call["tokens"] for call in result["sizes"][0]["calls"]):
            fail(
                f"{name}: its texts have other tokens than those of the first level",
                "the same 128 texts at every level",
                f"{tokens} tokens",
                "measurements.json",
                "Keep `usage.prompt_tokens` of each answer, and run `python sweep.py` again.",
            )
        if level["concurrency"] > 1 and level["size"] == 32 and busy < 1.2 * level["seconds"]:
            fail(
                f"{name}: the calls were not under way together",
                "calls whose times overlap",
                f"{busy:.2f} s in calls within {level['seconds']} s",
                "embedder.py",
                "Start all batches with asyncio.gather, and let a semaphore hold back all but"
                " `concurrency`.",
            )
    look_at_clock(result)
    rates = {level["size"]: level["texts_per_second"] for level in result["sizes"]}
    best = max(rates, key=lambda size: rates[size])
    passed(
        f"batches of {best} were fastest: {rates[best]} texts/s against {rates[1]} one by one",
        one_by_one=(rates[1], "texts/s"),
        batches_of_32=(rates[32], "texts/s"),
        best_batch=(best, "texts"),
        a_call_of_128=(result["sizes"][-1]["p50_ms"], "ms"),
    )


def look_at_index() -> None:
    from cache import Cache
    from chunks import chunks
    from index import Index

    manifest = read("index/manifest.json", "build.py")
    if (manifest["model"], manifest["dimension"]) != (MODEL, DIMENSION):
        fail(
            "the manifest names another model",
            f"{MODEL} with {DIMENSION} numbers",
            f"{manifest['model']} with {manifest['dimension']} numbers",
            "index/manifest.json",
            "Run `python build.py` again.",
        )
    index = Index.load(Path("index"))
    found = [chunk for document in documents() for chunk in chunks(document)]
    rows = [(row["document"], row["number"], row["label"]) for row in index.rows]
    if rows != [(chunk.document, chunk.number, chunk.label) for chunk in found]:
        fail(
            "the index was made of other chunks",
            f"the {len(found)} chunks that chunks.py makes now, in their order",
            f"{len(rows)} rows",
            "index/rows.jsonl",
            "Run `python build.py` again: only what changed is embedded.",
        )
    lengths = np.linalg.norm(index.vectors, axis=1)
    if index.vectors.dtype != np.float32 or not np.allclose(lengths, 1, atol=1e-3):
        fail(
            "rows are not of length 1",
            "float32 rows of length 1",
            f"{index.vectors.dtype} rows of length {lengths.min():.3f} to {lengths.max():.3f}",
            "index/vectors.npy",
            "Normalize before you save, and run `python build.py` again.",
        )
    off = np.abs(index.codes * index.scales[:, None] - index.vectors).max()
    if index.codes.dtype != np.int8 or off > 0.01:
        fail(
            "the int8 copy is another matrix",
            "codes x scale, equal to the float32 rows but for rounding",
            f"{index.codes.dtype} codes that are off by up to {off:.3f}",
            "index/codes.npy",
            "Round to the nearest step; a cast to int8 cuts off. Then run `python build.py` again.",
        )
    cache = Cache("vectors.sqlite")
    for place in range(0, len(found), max(1, len(found) // 40)):
        vector = cache.get(found[place].content())
        if vector is None or float(vector @ index.vectors[place]) < 0.999:
            fail(
                f"row {place} has the vector of another text",
                f"the vector of {found[place].label!r}",
                (
                    "none in the cache"
                    if vector is None
                    else f"a cosine of {vector @ index.vectors[place]:.3f} with it"
                ),
                "index/vectors.npy",
                "Each row belongs to its chunk: look at the order in `embed_cached`, then build"
                " again.",
            )
    cache.close()
    passed(
        f"{len(rows)} rows, {manifest['float32_bytes'] / manifest['int8_bytes']:.1f} times as large"
        " in float32 as in int8",
        rows=(len(rows), ""),
        float32=(manifest["float32_bytes"] / 1e6, "MB"),
        int8=(manifest["int8_bytes"] / 1e6, "MB"),
    )


def look_at_evaluation() -> None:
    result = read("evaluation.json", "evaluate.py")
    runs: dict[str, dict[str, list[str]]] = {}
    try:
        lines = Path("runs.jsonl").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        fail(
            "runs.jsonl is not there",
            "the file",
            "no such file",
            "runs.jsonl",
            "Run `python evaluate.py`.",
        )
    for line in lines:
        fields = json.loads(line)
        runs.setdefault(fields["way"], {})[fields["question"]] = fields["ranked"]
    asked = questions()
    for way in WAYS:
        if set(runs.get(way, {})) != {question.id for question in asked}:
            fail(
                f"{way!r} was not asked every question",
                f"{len(asked)} golden questions",
                f"{len(runs.get(way, {}))} in runs.jsonl",
                "runs.jsonl",
                "Let `python evaluate.py` run to its end.",
            )
        answerable = [question for question in asked if question.relevant]
        twice = [name for name, ranked in runs[way].items() if len(set(ranked)) < len(ranked)]
        if twice:
            fail(
                f"{way!r} ranks a document twice",
                "each document once, where its best chunk is",
                f"twice in the ranking of {twice[0]}",
                "metrics.py",
                "`documents_of` keeps the first of each. Then run evaluate.py again.",
            )
        for key, k in (("recall_at_5", 5), ("recall_at_10", 10)):
            shares = [
                len(set(runs[way][q.id][:k]) & set(q.relevant)) / len(q.relevant)
                for q in answerable
            ]
            compare(way, key, result, sum(shares) / len(shares))
        firsts = []
        for q in answerable:
            ranks = [rank for rank, path in enumerate(runs[way][q.id], 1) if path in q.relevant]
            firsts.append(1 / ranks[0] if ranks else 0.0)
        compare(way, "mrr", result, sum(firsts) / len(firsts))
    ways = {way: line["all"] for way, line in result["ways"].items()}
    passed(
        f"recall@10 {ways['chunks']['recall_at_10']:.2f}, whole documents"
        f" {ways['whole documents']['recall_at_10']:.2f}",
        questions=(len(asked), ""),
        recall_at_5=(ways["chunks"]["recall_at_5"], ""),
        recall_at_10=(ways["chunks"]["recall_at_10"], ""),
        mean_reciprocal_rank=(ways["chunks"]["mrr"], ""),
        same_top_10_in_int8=(100 * result["int8"]["same_of_top_10"], "%"),
    )


def compare(way: str, key: str, result: dict, computed: float) -> None:
    told = result["ways"][way]["all"][key]
    if abs(told - computed) > 0.002:
        fail(
            f"{key} of {way!r} does not follow from runs.jsonl",
            f"{computed:.3f}",
            f"{told:.3f}",
            "metrics.py",
            "Put metrics.py right and run evaluate.py again: what was embedded is in the cache.",
        )


def look_at_pairs() -> None:
    from cache import Cache

    given = read("pairs.json", "pairs.py")
    kinds = Counter(pair["kind"] for pair in given["pairs"])
    missing = [kind for kind in OWN_KINDS if not kinds[kind]]
    if missing or len(given["pairs"]) < GIVEN_PAIRS + 4:
        fail(
            "your own pairs are not all there",
            f"the {GIVEN_PAIRS} given pairs and one of yours of each kind: {', '.join(OWN_KINDS)}",
            f"{len(given['pairs'])} pairs; of these kinds there is none:"
            f" {', '.join(missing) or 'but there are too few'}",
            "pairs.json",
            "Write them as the four that stand there, with these words as `kind`.",
        )
    result = read("similarity.json", "pairs.py")
    texts = {(pair["a"], pair["b"]) for pair in given["pairs"]}
    if {(pair["a"], pair["b"]) for pair in result["pairs"]} != texts:
        fail(
            "similarity.json tells of other pairs",
            "the pairs of pairs.json",
            f"{len(result['pairs'])} pairs, not all of them the same",
            "similarity.json",
            "Put every id into `prediction`, in the order that you expect, and run `python"
            " pairs.py`.",
        )
    cache = Cache("vectors.sqlite")
    for pair in result["pairs"]:
        a, b = cache.get(pair["a"]), cache.get(pair["b"])
        cosine = (
            None if a is None or b is None else float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
        )
        if cosine is None or abs(cosine - pair["score"]) > 0.005:
            fail(
                f"the score of {pair['id']!r} is another",
                "not in the cache" if cosine is None else f"{cosine:.3f}",
                f"{pair['score']}",
                "similarity.json",
                "Run `python pairs.py` again.",
            )
    cache.close()
    highest = {
        kind: max(p["score"] for p in result["pairs"] if p["kind"] == kind) for kind in OWN_KINDS
    }
    passed(
        f"{len(texts)} pairs, prediction and scores correlate by {result['rank_correlation']}",
        rank_correlation=(result["rank_correlation"], ""),
        negation=(highest["negation"], "cosine"),
        another_number=(highest["number"], "cosine"),
        another_identifier=(highest["identifier"], "cosine"),
    )


def look_at_scores() -> None:
    result = read("scores.json", "scores.py")
    for model in (MODEL, "token counts"):
        line = result[model]
        for at, key in ((0.7, "at_0.7"), (line["separating"], "at_separating")):
            for name in ("relevant", "random"):
                share = sum(score >= at - 1e-4 for score in line[name]) / len(line[name])
                if abs(share - line[key][name]) > 0.02:
                    fail(
                        f"{model}: what {at:.2f} keeps of the {name} pairs does not follow from the"
                        " scores",
                        f"{share:.3f}",
                        f"{line[key][name]:.3f}",
                        "threshold.py",
                        "Put threshold.py right and run scores.py again.",
                    )
    mine, other = result[MODEL], result["token counts"]
    passed(
        f"the best threshold is {mine['separating']:.2f} in one model and {other['separating']:.2f}"
        " in the other",
        best_threshold=(mine["separating"], "cosine"),
        best_threshold_for_token_counts=(other["separating"], "cosine"),
        relevant_pairs_above_a_threshold_of_seven_tenths=(100 * mine["at_0.7"]["relevant"], "%"),
        answerable_questions_refused=(100 * result["refusing"]["answerable_refused"], "%"),
        absent_questions_let_through=(100 * result["refusing"]["absent_let_through"], "%"),
    )


def look_at_cost() -> None:
    prices, result = read("prices.json", "cost.py"), read("cost.json", "cost.py")
    if result["prices_read_on"] != prices["read_on"]:
        fail(
            "cost.json was made with other prices",
            f"prices read on {prices['read_on']}",
            f"prices read on {result['prices_read_on'] or 'no date'}",
            "cost.json",
            "Run `python cost.py` again.",
        )
    offers = {offer["name"]: offer for offer in prices["offers"]}
    for bill in result["bills"]:
        offer = offers.get(bill["offer"])
        requests = math.ceil(bill["texts"] / offer["texts_per_request"]) if offer else None
        if requests != bill["requests"]:
            fail(
                f"the requests for {bill['offer']} do not follow from prices.json",
                str(requests),
                str(bill["requests"]),
                "cost.json",
                "Run `python cost.py` again.",
            )
    largest = [bill for bill in result["bills"] if bill["texts"] == 50_000_000]
    slowest = max(largest, key=lambda bill: bill["minutes"])
    passed(
        f"50 million chunks: ${min(b['usd'] for b in largest):,.0f} to"
        f" ${max(b['usd'] for b in largest):,.0f}, and up to {slowest['minutes'] / 1440:,.0f} days"
        " under the quota",
        cheapest=(min(bill["usd"] for bill in largest), "USD"),
        longest=(slowest["minutes"] / 1440, "days"),
    )


LOOKS: dict[str, Callable[[], None]] = {
    "chunks": look_at_chunks,
    "sweep": look_at_sweep,
    "index": look_at_index,
    "evaluation": look_at_evaluation,
    "pairs": look_at_pairs,
    "scores": look_at_scores,
    "cost": look_at_cost,
}

if __name__ == "__main__":
    LOOKS[sys.argv[1]]()
