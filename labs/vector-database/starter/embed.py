"""How data/ was made. Nothing to do here, and no check runs it.

    python embed.py FOLDER-OF-THE-CORPUS

Cuts the Skerry documents into chunks, embeds them and the golden questions with
all-minilm-l6-v2 through the gateway, and writes

    data/release-1.json   the documents and their chunks at the end of January 2026
    data/release-2.json   the same a week later; CHANGES below is the difference
    data/vectors.npz      a vector for each text, by the text's hash
    data/questions.json   150 golden questions with the documents that answer them
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

import httpx
import numpy as np
from settings import gateway

MODEL = "all-minilm-l6-v2"
# Words and marks of a chunk at most, title and heading not counted. The model reads 256 tokens,
# and the gateway refuses more.
MARKS = 185
QUESTIONS = 150
DATA = Path(__file__).with_name("data")
FIELDS = ("title", "kind", "service", "team", "date", "status", "audience")

SERVICE = re.compile(r"[a-z]+")
# Runs of letters, pairs of digits, single marks: near to what the model's tokenizer makes of it.
MARK = re.compile(r"[^\W\d_]{1,9}|\d{1,2}|[^\w\s]|_")

Document = tuple[dict[str, str], str]  # Front matter and body.


def documents(corpus: Path) -> dict[str, Document]:
    """Front matter and body by path."""
    found = {}
    for path in sorted((corpus / "documents").glob("*/*.md")):
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        fields = dict(line.split(": ", 1) for line in front.splitlines())
        name = path.relative_to(corpus / "documents").as_posix()
        found[name] = ({key: value.strip("\"' ") for key, value in fields.items()}, body)
    return found


def changed(documents: dict[str, Document]) -> dict[str, Document]:
    """What happened in a week. Each change is another kind of trouble for an index."""
    after = dict(documents)

    # Rewritten: one section has another text, one is gone, one is new.
    fields, body = after["runbooks/registry-gc.md"]
    before = "**50 min per TiB used**. At 2.6 TiB that's a bit more than two hours"
    assert before in body
    body = body.replace(before, "**35 min per TiB used**")
    body = re.sub(r"(?ms)^## After\n.*", "", body)
    body += "## Since February 2026\n\nA second person watches the replication lag during a GC.\n"
    after["runbooks/registry-gc.md"] = ({**fields, "date": "2026-02-04"}, body)

    # Its text stays as it is, but it no longer holds.
    fields, body = after["handbook/gateway-timeouts.md"]
    superseded = {"status": "superseded", "superseded_by": "hb-gateway-limits"}
    after["handbook/gateway-timeouts.md"] = ({**fields, **superseded, "date": "2026-02-03"}, body)

    # Its text stays as it is, but fewer may read it.
    fields, body = after["incidents/2025-04-08-track-scraping.md"]
    after["incidents/2025-04-08-track-scraping.md"] = ({**fields, "audience": "restricted"}, body)

    # Was to be deleted in October 2025, and now is.
    del after["support/2024-10-kestrel-leak.md"]
    return after


def size(text: str) -> int:
    return len(MARK.findall(text))


def chunks(body: str) -> list[tuple[str, str]]:
    """Heading and text: by section, and long sections by paragraphs."""
    found = []
    for section in re.split(r"(?m)^(?=#{1,4} )", body):
        heading = re.match(r"#{1,4} (.+)", section)
        title = heading[1].strip() if heading else ""
        marks = 0
        parts: list[list[str]] = [[]]
        text = section[heading.end():] if heading else section
        for paragraph in re.split(r"\n{2,}", text.strip()):
            lines = paragraph.splitlines() if size(paragraph) > MARKS else [paragraph]
            for piece in lines:
                count = size(piece)
                if marks and marks + count > MARKS:
                    parts.append([])
                    marks = 0
                parts[-1].append(piece)
                marks += count
        found += [(title, "\n".join(part)) for part in parts if len(" ".join(part).split()) >= 6]
    return found


def release(
    number: int,
    date: str,
    documents: dict[str, Document],
    services: list[str],
    texts: dict[str, str],
) -> dict:
    """Adds the texts to embed, by hash, to `texts`."""
    listed = []
    for path, (fields, body) in documents.items():
        kept = []
        for heading, text in chunks(body):
            content = f"{fields['title']} > {heading}\n{text}"
            digest = hashlib.sha256(content.encode()).hexdigest()[:16]
            texts[digest] = content
            words = set(SERVICE.findall(text.lower()))
            kept.append({
                "section": heading,
                "text_hash": digest,
                "mentions": [service for service in services if service in words],
                "preview": " ".join(text.split())[:110],
            })
        listed.append({
            "document": path,
            **{name: fields[name] for name in FIELDS},
            "superseded_by": fields.get("superseded_by"),
            "chunks": kept,
        })
    return {"release": number, "date": date, "documents": listed}


def embed(texts: list[str]) -> np.ndarray:
    root, key = gateway()
    vectors: list[list[float]] = []
    with httpx.Client(timeout=300, headers={"Authorization": f"Bearer {key}"}) as client:
        for start in range(0, len(texts), 16):
            body = {"model": MODEL, "input": texts[start : start + 16]}
            answer = client.post(f"{root}/v1/embeddings", json=body).raise_for_status().json()
            vectors += [item["embedding"] for item in answer["data"]]
            print(f"\r{len(vectors)} of {len(texts)}", end="", flush=True)
    print()
    return np.array(vectors, dtype=np.float32)


def write(name: str, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=0)
    (DATA / name).write_text(text + "\n", encoding="utf-8")


def main(corpus: Path) -> None:
    before = documents(corpus)
    named = {fields["service"] for fields, _ in before.values()}
    services = sorted(name for name in named if SERVICE.fullmatch(name))
    texts: dict[str, str] = {}
    DATA.mkdir(exist_ok=True)
    write("release-1.json", release(1, "2026-01-31", before, services, texts))
    write("release-2.json", release(2, "2026-02-07", changed(before), services, texts))

    asked = []
    for line in (corpus / "golden" / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        if question["kind"] != "absent":
            right = [entry["document"] for entry in question["relevant"] if entry["grade"] == 2]
            kept = {name: question[name] for name in ("id", "question")}
            asked.append({**kept, "documents": right})
    asked = asked[:QUESTIONS]
    write("questions.json", asked)

    digests = sorted(texts)
    contents = [texts[digest] for digest in digests]
    vectors = embed(contents + [question["question"] for question in asked])
    np.savez_compressed(
        DATA / "vectors.npz",
        hashes=np.array(digests),
        vectors=vectors[: len(digests)].astype(np.float16),
        question_ids=np.array([question["id"] for question in asked]),
        questions=vectors[len(digests) :].astype(np.float16),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
