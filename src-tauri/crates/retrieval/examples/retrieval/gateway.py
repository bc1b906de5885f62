"""Through the gateway, by qdrant-client, beside the client's own local mode, which compares every vector in numpy.

    python gateway.py FOLDER URL KEY

FOLDER is the one of peers.py, with the collection `0` that it left. Prints one line of JSON: for each round what each side
took, ours first, and the recall of our side against the local mode.
"""

import json
import sys
import time

import numpy
from qdrant_client import QdrantClient, models

DIMENSION = 384
ROUNDS = 5
QUERIES = 200
# The local mode takes tens of milliseconds for each.
LOCAL_QUERIES = 40
BATCH = 1000


def load(folder, name):
    return numpy.fromfile(f"{folder}/{name}.f32", "<f4").reshape(-1, DIMENSION)


def asked(client, queries):
    """Seconds of each query, and the ids that each found."""
    times, found = [], []
    for query in queries:
        started = time.perf_counter()
        points = client.query_points("0", query=query, limit=10).points
        times.append(time.perf_counter() - started)
        found.append([point.id for point in points])
    return times, found


def p95(times):
    return sorted(times)[int(len(times) * 0.95)] * 1e3


def main(folder, url, key):
    vectors, queries = load(folder, "vectors"), load(folder, "queries")[:QUERIES].tolist()
    ours, local = QdrantClient(url=url, api_key=key), QdrantClient(":memory:")
    shape = models.VectorParams(size=DIMENSION, distance=models.Distance.COSINE)
    local.create_collection("0", vectors_config=shape)
    for first in range(0, len(vectors), BATCH):
        batch = vectors[first : first + BATCH]
        ids = list(range(first, first + len(batch)))
        local.upsert("0", points=models.Batch(ids=ids, vectors=batch.tolist()))

    asked(ours, queries[:20])
    rates, tails, recalls = [], [], []
    for _ in range(ROUNDS):
        mine, found = asked(ours, queries)
        theirs, truth = asked(local, queries[:LOCAL_QUERIES])
        rates.append([len(mine) / sum(mine), len(theirs) / sum(theirs)])
        tails.append([p95(mine), p95(theirs)])
        shared = sum(len(set(right) & set(row)) for right, row in zip(truth, found))
        recalls.append(shared / (10 * len(truth)))
    print(json.dumps({"gateway_qps": rates, "gateway_p95": tails, "recall": sum(recalls) / ROUNDS}))


main(*sys.argv[1:])
