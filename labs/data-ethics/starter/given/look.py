"""The scripts of the checks: python -m given.look NAME"""

from __future__ import annotations

import itertools
import json
import sys
from datetime import date, timedelta
from typing import Any

from corpus import KINDS, PARTS, Document, Span, read_document, read_documents, read_labels
from estate import COLLECTIONS, TODAY, chunks, read_json
from given.outcome import HERE, Wrong, measured, say
from given.truth import figures, scanned, share

# Least precision and least recall on the held-out part, by overlapping spans. The pack's solution
# reaches 0.97 and 0.92 for names and 0.97 or more for what has a form; these leave room for a rule
# set of two evenings.
FORMS = {
    "email": (0.85, 0.85),
    "phone": (0.85, 0.85),
    "ip": (0.85, 0.85),
    "account": (0.90, 0.90),
    "iban": (0.75, 0.75),
    "key": (0.50, 0.50),
    "handle": (0.90, 0.90),
}
NAMES = {"person": (0.80, 0.80)}
CONTEXT = {"address": (0.60, 0.50), "health": (0.40, 0.30)}
# Of the labels of the held-out part, at most this share may survive redaction; of its keys, IBANs
# and so on, less.
LEAK_RATE, FORM_LEAK_RATE = 0.20, 0.12

Result = tuple[str, list[dict[str, Any]]]


def read_result(name: str, made_by: str) -> Any:
    path = HERE / name
    if not path.is_file():
        raise Wrong(f"{name} is not there.", name, "no such file", f"Run `{made_by}`.", name)
    return json.loads(path.read_text(encoding="utf-8"))


def labels_fit() -> Result:
    count = 0
    for part in PARTS:
        for name, labels in read_labels(part).items():
            text = read_document(name).text
            for label in labels:
                count += 1
                if text[label.start : label.end] != label.text:
                    raise Wrong(
                        f"A label of {name} does not fit the document.",
                        label.text,
                        text[label.start : label.end],
                        "Fixed files have been changed: start the lab again.",
                        f"labels/{part}.jsonl",
                    )
    both = set(read_labels(PARTS[0])) & set(read_labels(PARTS[1]))
    if both:
        raise Wrong(
            "Documents stand in both parts.", "none", ", ".join(sorted(both)[:3]), "", "labels"
        )
    return f"All {count} labels stand where they say.", [measured("labels", count)]


def held_out(limits: dict[str, tuple[float, float]]) -> Result:
    """Tells which bar is not reached and no figure. This runs on each save, and whoever sees a figure
    after each change of a rule writes the rules for the held-out part as well.
    """
    for kind, (least_precision, least_recall) in limits.items():
        hits, wrong, missed = figures("held-out", kind, "overlap")
        precision, recall = share(hits, wrong), share(hits, missed)
        if recall < least_recall or precision < least_precision:
            few = recall < least_recall
            here = f"{kind}: {'recall' if few else 'precision'} is under the bar"
            if not hits:
                here += ", nothing that is found is right" if wrong else ", nothing is found"
            raise Wrong(
                f"Too {'few' if few else 'many'} spans of the kind {kind} on the held-out part.",
                f"{kind}: precision {least_precision:.2f} or more, recall "
                f"{least_recall:.2f} or more",
                here,
                "Look for the cause in the development part: `python errors.py development "
                + kind
                + "`.",
                "scan.py",
            )
    return f"{', '.join(limits)}: precision and recall on the held-out part are enough.", []


def offsets() -> Result:
    """Spans count from the first character of the file and do not overlap."""
    for name, spans in scanned("development").items():
        text = read_document(name).text
        for span in spans:
            if text[span.start : span.end] != span.text:
                raise Wrong(
                    "A span's offsets and its text differ.",
                    f"characters {span.start} to {span.end} of {name}: {span.text!r}",
                    repr(text[span.start : span.end]),
                    "Offsets count from the first character of the file, front matter included.",
                    "scan.py",
                )
        ordered = sorted(spans)
        for left, right in itertools.pairwise(ordered):
            if left.overlaps(right):
                raise Wrong(
                    "Two spans overlap.",
                    "spans that do not share a character",
                    f"{name}: {left.kind} {left.text!r} and {right.kind} {right.text!r}",
                    "Put all spans through resolve() at the end of scan().",
                    "scan.py",
                )
    return "Offsets count from the start of the file, and no spans overlap.", []


def scores_honest() -> Result:
    scores = read_result("scores/held-out.json", "python score.py held-out")
    if scores.get("part") != "held-out":
        raise Wrong(
            "scores/held-out.json is not about the held-out part.",
            "part = held-out",
            f"part = {scores.get('part')}",
            "Run `python score.py held-out`, and look at which labels evaluate() reads.",
            "scores/held-out.json",
        )
    for mode in ("exact", "overlap"):
        for kind in KINDS:
            row = scores[mode][kind]
            there, said = figures("held-out", kind, mode), (row["tp"], row["fp"], row["fn"])
            if there != said:
                raise Wrong(
                    "scores/held-out.json does not say what scan.py does on the held-out part.",
                    "the counts that scan.py gives now",
                    f"{mode}, {kind}: tp, fp, fn = {said}",
                    "Run `python score.py held-out` again after the last change of scan.py. If the "
                    "figures stay apart, evaluate() reads other labels, or adds up otherwise.",
                    "score.py",
                )
    row = scores["overlap"]["person"]
    low, high = row["recall_95"]
    return (
        f"Of {row['tp'] + row['fn']} names, {row['tp']} are found: "
        f"{row['recall']:.2f}, [{low:.2f}, {high:.2f}].",
        [measured("person recall, lower end", low), measured("person recall, upper end", high)],
    )


def redacted_text(document: Document, spans: list[Span]) -> Any:
    from redact import numbered, redact

    redacted = redact(document, spans, numbered())
    rebuilt, last = "", 0
    for start, end, placeholder in redacted.replacements:
        rebuilt += document.text[last:start] + placeholder
        last = end
    if rebuilt + document.text[last:] != redacted.text:
        raise Wrong(
            "The replacements do not make the text.",
            f"the text of {document.name} with what `replacements` says",
            "another text",
            "`replacements` holds (start, end, placeholder) by the original's "
            "characters, in order.",
            "redact.py",
        )
    return redacted


def held_out_leaks() -> tuple[dict[str, list[int]], int, int]:
    kinds = {kind: [0, 0] for kind in KINDS}
    with_labels = that_leak = 0
    for name, labels in read_labels("held-out").items():
        redacted = redacted_text(read_document(name), scanned("held-out")[name])
        covered = {at for start, end, _ in redacted.replacements for at in range(start, end)}
        leaked = 0
        for label in labels:
            left = any(
                c.isalnum() and at not in covered for at, c in enumerate(label.text, label.start)
            )
            kinds[label.kind][0] += left
            kinds[label.kind][1] += 1
            leaked += left
        with_labels += bool(labels)
        that_leak += bool(leaked)
    return kinds, with_labels, that_leak


def leaks() -> Result:
    kinds, _, _ = held_out_leaks()
    forms = [kinds[kind] for kind in FORMS]
    form_rate = sum(left for left, _ in forms) / sum(there for _, there in forms)
    left, there = (sum(column) for column in zip(*kinds.values(), strict=True))
    over = [
        what
        for what, rate, most in (
            ("all labels", left / there, LEAK_RATE),
            ("what has a form", form_rate, FORM_LEAK_RATE),
        )
        if rate > most
    ]
    if over:
        raise Wrong(
            "Too much survives redaction.",
            f"at most {LEAK_RATE:.0%} of all labels, {FORM_LEAK_RATE:.0%} of what has a form",
            f"more of {' and of '.join(over)}",
            "What the scanner found has to be gone whole. `python redact.py NAME` shows "
            "a document.",
            "redact.py",
        )
    return "Of the held-out labels, few enough survive redaction.", []


def redaction_measured() -> Result:
    said = read_result("redaction.json", "python redact.py")
    kinds, with_labels, that_leak = held_out_leaks()
    left, there = (sum(column) for column in zip(*kinds.values(), strict=True))
    true = {
        "part": "held-out",
        "labels": there,
        "leaked": left,
        "documents_with_labels": with_labels,
        "documents_that_leak": that_leak,
    }
    for key, value in true.items():
        if said.get(key) != value:
            raise Wrong(
                "redaction.json does not say what the programs do.",
                f"{key} as scan.py and redact.py give it now",
                f"{key} = {said.get(key)}",
                "Run `python redact.py` again. If the figures stay apart: leaks() returns every "
                "label of which one letter or digit is outside all replacements, not only those "
                "that are there whole.",
                "redaction.json",
            )
    changed = said["words_changed_percent"]
    return (
        f"{left} of {there} labels survive, in {that_leak} of {with_labels} documents; words changed: "
        + ", ".join(f"{folder} {percent} %" for folder, percent in changed.items()),
        [
            measured("labels that leak", 100 * left / there, "%"),
            measured("documents that leak", 100 * that_leak / with_labels, "%"),
        ]
        + [
            measured(f"words changed, {folder}", percent, "%")
            for folder, percent in changed.items()
        ],
    )


def retrieval_measured() -> Result:
    from retrieval import measure

    said = read_result("retrieval.json", "python retrieval.py")
    true = measure()
    for variant, found in true.items():
        for about, right in found.items():
            there = said.get(variant, {}).get(about, {})
            if there != right:
                raise Wrong(
                    "retrieval.json does not say what is found now.",
                    f"{variant}, {about}: {right['hits']} of {right['of']}",
                    f"{variant}, {about}: {there.get('hits')} of {there.get('of')}",
                    "Run `python retrieval.py` again, after the last change of redact.py or scan.py.",
                    "retrieval.json",
                )
    for variant, about, least, most in (
        ("original", "system", 0.6, 1),
        ("numbered", "system", 0.6, 1),
        ("numbered", "person", 0, 0.5),
        ("pseudonyms_in_question_too", "person", 0.6, 1),
    ):
        found = true[variant][about]["share"]
        if not least <= found <= most:
            raise Wrong(
                "Redaction does something else to search than it should.",
                f"{variant}, {about}: {least} to {most} of the questions",
                f"{variant}, {about}: {found}",
                "Look at what redact() leaves in a document, and at what it makes of a question.",
                "redact.py",
            )
    return (
        "Redaction costs questions about systems little, and hides who is named.",
        [
            measured(
                f"questions about a person, {name.replace('_', ' ')}",
                100 * found["person"]["share"],
                "%",
            )
            for name, found in true.items()
        ],
    )


def all_labels() -> dict[str, list[Span]]:
    return {name: labels for part in PARTS for name, labels in read_labels(part).items()}


def policy_complete() -> Result:
    from manifest import read_policy

    rules = read_policy()

    def wrong(rule: dict[str, Any], expected: str, actual: Any) -> Wrong:
        return Wrong(
            f"Rule {rule.get('id', '?')} of policy.toml is not complete.",
            expected,
            str(actual),
            "Every rule says what, why, how long, on what ground, and when somebody looks again.",
            "policy.toml",
        )

    if len(rules) < 4:
        raise Wrong(
            "policy.toml has too few rules.",
            "4 or more",
            str(len(rules)),
            "Put several rules in place of the one: first what forbids, then what allows.",
            "policy.toml",
        )
    for rule in rules:
        if rule.get("action") not in ("index", "index-redacted", "keep-out"):
            raise wrong(rule, "action: index, index-redacted or keep-out", rule.get("action"))
        if len(str(rule.get("reason", "")).split()) < 6:
            raise wrong(rule, "a reason of six words or more", rule.get("reason"))
        days = rule.get("retention_days")
        if not isinstance(days, int) or not 1 <= days <= 3660:
            raise wrong(rule, "retention_days from 1 to 3660", days)
        if "Art. " not in str(rule.get("legal_basis", "")):
            raise wrong(
                rule, "a legal_basis that names its article: Art. 6(1)(f)", rule.get("legal_basis")
            )
        review = rule.get("review")
        if not isinstance(review, date) or not TODAY < review <= TODAY + timedelta(days=366):
            raise wrong(rule, f"a review date within a year after {TODAY}", review)
    if len({rule.get("id") for rule in rules}) != len(rules):
        ids = [str(rule.get("id")) for rule in rules]
        raise Wrong(
            "Two rules have the same id.",
            "ids that differ",
            ", ".join(sorted({one for one in ids if ids.count(one) > 1})),
            "The manifest names rules by their id: give each its own.",
            "policy.toml",
        )
    return f"{len(rules)} rules, each with reason, retention, legal basis and review.", []


def default_deny() -> Result:
    from manifest import decide, read_policy

    unknown = {
        "kind": "transcript",
        "audience": "internal",
        "status": "current",
        "date": "2026-02-20",
    }
    entry = decide(read_policy(), Document("new/unknown.md", "", unknown, 0), [], TODAY)
    if entry["action"] != "keep-out":
        raise Wrong(
            "A kind of document that nobody decided on gets into the index.",
            "kind = transcript: keep-out",
            f"kind = transcript: {entry['action']}",
            "Where no rule applies, decide() keeps the document out; and no rule may fit "
            "everything.",
            "manifest.py",
        )
    fresh = {"kind": "handbook", "audience": "internal", "status": "current", "date": "2026-02-20"}
    old = fresh | {"date": "2010-01-01"}
    entries = [
        decide(read_policy(), Document("handbook/x.md", "", meta, 0), [], TODAY)
        for meta in (fresh, old)
    ]
    if entries[0]["action"] == "keep-out" or entries[1]["action"] != "keep-out":
        raise Wrong(
            "Retention does not decide.",
            "a handbook page without findings: of 2026 usable, of 2010 keep-out",
            ", ".join(entry["action"] for entry in entries),
            "The document's date and the rule's retention_days give its last day. After "
            "that it stays out.",
            "manifest.py",
        )
    return "What nobody decided on stays out, and so does what is too old.", []


def manifest_sound() -> Result:
    from manifest import build, read_policy

    manifest = read_result("manifest.json", "python manifest.py")
    now = json.loads(json.dumps(build(read_policy(), TODAY)))
    if manifest != now:
        others = sum(entry not in manifest["documents"] for entry in now["documents"])
        raise Wrong(
            "manifest.json is not what policy.toml and scan.py give now.",
            "the output of `python manifest.py`",
            f"another one: {others} documents have another entry now",
            "Run `python manifest.py` again.",
            "manifest.json",
        )
    entries = {entry["document"]: entry for entry in manifest["documents"]}
    names = {document.name for document in read_documents()}
    if set(entries) != names or len(manifest["documents"]) != len(names):
        raise Wrong(
            "The manifest does not have every document once.",
            f"{len(names)} documents",
            f"{len(manifest['documents'])} entries for {len(set(entries) & names)} of them",
            "Run `python manifest.py` again.",
            "manifest.json",
        )
    tally: dict[str, int] = {}
    for entry in entries.values():
        tally[entry["action"]] = tally.get(entry["action"], 0) + 1
    if manifest["counts"] != tally:
        raise Wrong(
            "The counts are not those of the entries.",
            str(tally),
            str(manifest["counts"]),
            "Run `python manifest.py` again.",
            "manifest.json",
        )

    bare = {name: entry for name, entry in entries.items() if entry["action"] == "index"}
    usable = len(bare) + tally.get("index-redacted", 0)
    restricted = [name for name in bare if read_document(name).meta.get("audience") == "restricted"]
    labels = all_labels()
    severe = [
        n
        for n in bare
        if any(label.kind in ("health", "key", "iban", "address") for label in labels[n])
    ]
    named = [name for name in bare if labels[name]]
    for what, bad, limit in (
        ("Restricted documents are indexed as they are.", restricted, 0),
        (
            "Documents with health remarks, addresses, keys or IBANs are indexed as they are.",
            severe,
            0,
        ),
        ("Documents with personal data are indexed as they are.", named, 5),
    ):
        if len(bad) > limit:
            raise Wrong(
                what,
                f"at most {limit}",
                f"{len(bad)}: {', '.join(sorted(bad)[:3])}",
                "Which rule let them through? The manifest names it for each document.",
                "policy.toml",
            )
    if usable < 80:
        raise Wrong(
            "So little is indexed that nobody needs the index.",
            "80 documents or more, as they are or redacted",
            f"{usable}",
            "Keeping everything out is a decision too, and then there is no product. "
            "Redact where that is enough.",
            "policy.toml",
        )
    return (
        ", ".join(f"{action}: {count}" for action, count in sorted(tally.items())) + ".",
        [measured(action, count, "documents") for action, count in sorted(tally.items())]
        + [measured("indexed as they are with personal data", len(named), "documents")],
    )


# --- erasure: who the two requests are about, by the labels -----------------------------------

THEIRS = {
    "DSR-7": {
        "reed pascoe", "pascoe", "reed", "r. pascoe", "reed p.", "r.pascoe", "fm-90012",
        "+44 7700 900561", "r.pascoe@fennmark.example", "reedp@mail.example.org",
        "reedp (at) mail (dot) example (dot) org",
    },
    "DSR-8": {"blessing achterberg"},
}  # fmt: skip
ANSWERS = {"DSR-7": {"ans-0031", "ans-0044", "ans-0071"}, "DSR-8": {"ans-0058"}}
PROMPTS = {"DSR-7": {"pl-90240"}, "DSR-8": {"pl-90412"}}


def their_labels(request: str) -> dict[str, list[Span]]:
    found = {
        name: [label for label in labels if label.text.lower() in THEIRS[request]]
        for name, labels in all_labels().items()
    }
    return {name: labels for name, labels in found.items() if labels}


def forgotten(request: str) -> dict[str, Any]:
    return read_result(f"forget/{request}.json", f"python forget.py {request}")


def same(
    request: str, what: str, expected: set[str], actual: set[str], next_step: str, spare: int = 0
) -> None:
    missing, more = sorted(expected - actual), sorted(actual - expected)
    if missing or len(more) > spare:
        said = [f"missing: {', '.join(missing[:4])}"] if missing else []
        said += [f"too many: {', '.join(more[:4])}"] if len(more) > spare else []
        raise Wrong(
            f"{request}: the {what} are not the right ones.",
            f"{len(expected)} {what}",
            "; ".join(said),
            next_step,
            "forget.py",
        )


def forget_documents() -> Result:
    for request in THEIRS:
        actual = {entry["document"] for entry in forgotten(request)["documents"]}
        same(
            request,
            "documents",
            set(their_labels(request)),
            actual,
            "Which form of the name stands in it?",
        )
    count = len(their_labels("DSR-7"))
    return f"The documents are found, {count} for DSR-7, and no namesake's.", []


def forget_copies() -> Result:
    shown = []
    for request in THEIRS:
        result = forgotten(request)
        expected = {
            chunk.id
            for name, labels in their_labels(request).items()
            for chunk in chunks(read_document(name))
            if any(label.start < chunk.end and chunk.start < label.end for label in labels)
        }
        step = "Every chunk that shares a character with an occurrence; chunks overlap."
        # A chunk with nothing but initials is no fault, with or without it.
        same(request, "chunks", expected, set(result["chunks"]), step, spare=2)
        every = {
            f"{collection}/{chunk}" for collection in COLLECTIONS for chunk in result["chunks"]
        }
        same(
            request,
            "vectors",
            every,
            set(result["vectors"]),
            "estate.vectors() gives one for each collection.",
        )
        step = "A cached answer is theirs if a source is, or if its own text names them."
        same(request, "answers", ANSWERS[request], set(result["answers"]), step)
        same(
            request,
            "prompts",
            PROMPTS[request],
            set(result["prompts"]),
            "Prompts are text too: search them.",
        )
        gone = {
            backup["id"]: date.fromisoformat(backup["taken"]) + timedelta(days=backup["kept_days"])
            for backup in read_json("backups")
        }
        alive = {f"{name} until {day}" for name, day in gone.items() if day >= TODAY}
        said = {f"{backup['id']} until {backup['gone_by']}" for backup in result["backups"]}
        same(
            request,
            "backups",
            alive,
            said,
            "Those not yet gone on 2026-02-27, each with the day it goes.",
        )
        shown.append(measured(f"{request}: vectors", len(result["vectors"])))
    return "Chunks, vectors, answers, prompts and backups are those that hold them.", shown


def forget_replacements() -> Result:
    for request, forms in THEIRS.items():
        result = forgotten(request)
        for name, labels in their_labels(request).items():
            text = result["replacements"].get(name, "")
            kept = [label.text for label in labels if label.text in text and len(label.text) > 5]
            if not text or kept:
                raise Wrong(
                    f"{request}: the replacement of {name} still has them.",
                    "none of their names, addresses and numbers",
                    ", ".join(kept[:3]) or "no replacement",
                    "Replace every occurrence, from the last to the first, so that "
                    "offsets stay right.",
                    "forget.py",
                )
            others = [label for label in all_labels()[name] if label.text.lower() not in forms]
            lost = [
                o.text
                for o in others
                if o.kind == "person" and len(o.text) > 5 and o.text not in text
            ]
            if lost:
                raise Wrong(
                    f"{request}: the replacement of {name} lacks other people.",
                    "everybody else where they were",
                    f"gone: {', '.join(sorted(set(lost))[:3])}",
                    "This request is about one person. Replace their spans and no others.",
                    "forget.py",
                )
        record = json.dumps(
            {k: v for k, v in result.items() if k != "replacements"}, ensure_ascii=False
        ).lower()
        named = [form for form in sorted(forms) if len(form) > 5 and form in record]
        if named:
            raise Wrong(
                f"{request}: the record of the erasure says who was erased.",
                "the request's id and nothing of the person",
                ", ".join(named),
                "Write offsets, ids and counts into the plan. The name stands in the "
                "request, which has its own end.",
                "forget.py",
            )
    return "The replacements have lost this person and nobody else.", []


LOOKS = {
    "labels-fit": labels_fit,
    "offsets": offsets,
    "forms": lambda: held_out(FORMS),
    "names": lambda: held_out(NAMES),
    "context": lambda: held_out(CONTEXT),
    "scores-honest": scores_honest,
    "leaks": leaks,
    "redaction-measured": redaction_measured,
    "retrieval-measured": retrieval_measured,
    "policy-complete": policy_complete,
    "default-deny": default_deny,
    "manifest-sound": manifest_sound,
    "forget-documents": forget_documents,
    "forget-copies": forget_copies,
    "forget-replacements": forget_replacements,
}

if __name__ == "__main__":
    say(sys.argv[1], LOOKS[sys.argv[1]])
