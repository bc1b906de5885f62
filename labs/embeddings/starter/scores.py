"""How scores are distributed, in two models, and what a threshold makes of them. Given.

    python scores.py

It calls your threshold.py. The second "model" counts tokens: 30,522 numbers, cosine as well. It is
here to show what belongs to a score and what to the model that made it. Writes scores.json and
scores.svg.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import numpy as np

from cache import Cache, embed_cached
from chunks import chunks
from corpus import documents, questions
from gateway import open_client
from index import Index, unit
from report import draw_histograms, table, write
from threshold import kept, separating
from tokens import MODEL, tokens, vocabulary

RANDOM_PAIRS = 2000
SEED = 17
COUNTS = "token counts"


def counted(texts: list[str]) -> np.ndarray:
    matrix = np.zeros((len(texts), len(vocabulary())), dtype=np.float32)
    for row, text in enumerate(texts):
        for token in tokens(text):
            matrix[row, vocabulary()[token]] += 1
    return unit(matrix)


async def main() -> None:
    index = Index.load(Path("index"))
    asked = questions()
    answerable = [question for question in asked if question.relevant]
    cache = Cache("vectors.sqlite")
    async with open_client() as client:
        vectors, _ = await embed_cached(client, cache, [question.text for question in asked])
    cache.close()
    texts = [chunk.content() for document in documents() for chunk in chunks(document)]
    owners = [row["document"] for row in index.rows]
    models = {
        MODEL: index.vectors @ unit(vectors).T,
        COUNTS: counted(texts) @ counted([question.text for question in asked]).T,
    }

    dice = random.Random(SEED)
    columns = {question.id: column for column, question in enumerate(asked)}
    chance = []
    while len(chance) < RANDOM_PAIRS:
        question, row = dice.choice(answerable), dice.randrange(len(owners))
        if owners[row] not in question.relevant:
            chance.append((row, columns[question.id]))
    result: dict = {}
    for model, scores in models.items():
        # Of a relevant document, the chunk that fits best: somewhere in it stands the answer.
        relevant = [
            max(
                float(scores[row, columns[q.id]])
                for row, owner in enumerate(owners)
                if owner == path
            )
            for q in answerable
            for path in q.relevant
        ]
        others = [float(scores[pair]) for pair in chance]
        best = separating(relevant, others)
        first = {q.id: float(scores[:, columns[q.id]].max()) for q in asked}
        result[model] = {
            "relevant": [round(score, 4) for score in relevant],
            "random": [round(score, 4) for score in others],
            "first_of_answerable": [round(first[q.id], 4) for q in asked if q.relevant],
            "first_of_absent": [round(first[q.id], 4) for q in asked if not q.relevant],
            "separating": round(best, 4),
            "at_separating": {"relevant": kept(relevant, best), "random": kept(others, best)},
            "at_0.7": {"relevant": kept(relevant, 0.7), "random": kept(others, 0.7)},
        }
    table(
        [
            "",
            "median relevant",
            "median random",
            "best threshold",
            "keeps relevant",
            "keeps random",
            "0.7 keeps relevant",
        ],
        [
            [
                model,
                f"{np.median(line['relevant']):.2f}",
                f"{np.median(line['random']):.2f}",
                f"{line['separating']:.2f}",
                f"{100 * line['at_separating']['relevant']:.0f}%",
                f"{100 * line['at_separating']['random']:.0f}%",
                f"{100 * line['at_0.7']['relevant']:.0f}%",
            ]
            for model, line in result.items()
        ],
    )
    mine = result[MODEL]
    bar = separating(mine["first_of_answerable"], mine["first_of_absent"])
    result["refusing"] = {
        "threshold": round(bar, 4),
        "answerable_refused": round(1 - kept(mine["first_of_answerable"], bar), 4),
        "absent_let_through": round(kept(mine["first_of_absent"], bar), 4),
    }
    print(
        f"refusing below {bar:.2f} turns away {100 * result['refusing']['answerable_refused']:.0f}%"
        " of the questions that have an answer and lets"
        f" {100 * result['refusing']['absent_let_through']:.0f}% of the others through"
    )
    draw_histograms(
        "scores.svg",
        [
            (
                model,
                {
                    "question and relevant document": line["relevant"],
                    "question and random chunk": line["random"],
                },
            )
            for model, line in result.items()
            if model in models
        ],
        low=-0.2,
    )
    write("scores.json", result)


if __name__ == "__main__":
    asyncio.run(main())
