"""The peers of `cargo xtask bench retrieval`, and the rounds: hnswlib and faiss, on one thread, with the same vectors.

    python peers.py FOLDER VECTORS OURS

OURS is the example `retrieval`. Prints one line of JSON: for each round what each side took, ours first; and for each side
how its queries go with few candidates and with many. One peer is in memory at a time, and none while ours is built.
"""

import json
import os
import subprocess
import sys
import time

# Before the libraries start their threads.
os.environ["OMP_NUM_THREADS"] = "1"

import faiss
import hnswlib
import numpy

QUERIES = 1_000
DIMENSION = 384
ROUNDS = 5
PASSES = 3
# More vectors than these are built once.
BUILT_AGAIN = 100_000
RECALL = 0.95
# From few candidates to many: each side runs with the first that finds enough.
EXPANSIONS = [10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 64, 96, 128, 192, 256]
# Vectors that are compared with all queries at once.
BLOCK = 10_000
FIELDS = {"half": 2, "tenth": 10, "hundredth": 100}


def load(folder, name):
    return numpy.fromfile(f"{folder}/{name}.f32", "<f4").reshape(-1, DIMENSION)


def nearest(vectors, queries, numbers=None):
    """The numbers of the ten vectors with the highest inner product for each query, by comparing all, block by block."""
    numbers = numpy.arange(len(vectors)) if numbers is None else numbers
    best = numpy.empty((len(queries), 0), "i8")
    products = numpy.empty((len(queries), 0), "f4")
    for first in range(0, len(numbers), BLOCK):
        block = numbers[first : first + BLOCK]
        best = numpy.hstack([best, numpy.broadcast_to(block, (len(queries), len(block)))])
        products = numpy.hstack([products, queries @ vectors[block].T])
        kept = numpy.argpartition(-products, 9)[:, :10]
        best, products = (numpy.take_along_axis(each, kept, 1) for each in (best, products))
    return [set(row) for row in best.tolist()]


def recall(found, truth):
    return sum(len(right.intersection(row)) for row, right in zip(found, truth)) / sum(map(len, truth))


class Hnswlib:
    """As its own examples set it."""

    name = "hnswlib"

    def build(self, vectors):
        self.index = hnswlib.Index("ip", DIMENSION)
        self.index.init_index(len(vectors), ef_construction=200, M=16)
        self.index.set_num_threads(1)
        self.index.add_items(vectors)

    def search(self, queries, expansion):
        self.index.set_ef(expansion)
        return [self.index.knn_query(query, 10, num_threads=1)[0][0].tolist() for query in queries]

    def save(self, path):
        self.index.save_index(path)

    def load(self, path):
        self.index = hnswlib.Index("ip", DIMENSION)
        self.index.load_index(path)


class Faiss:
    """As its own wiki sets it."""

    name = "faiss"

    def build(self, vectors):
        self.index = faiss.IndexHNSWFlat(DIMENSION, 32, faiss.METRIC_INNER_PRODUCT)
        self.index.hnsw.efConstruction = 40
        self.index.add(vectors)

    def search(self, queries, expansion):
        self.index.hnsw.efSearch = expansion
        return [self.index.search(query[None], 10)[1][0].tolist() for query in queries]

    def save(self, path):
        faiss.write_index(self.index, path)

    def load(self, path):
        self.index = faiss.read_index(path)


KINDS = {kind.name: kind for kind in (Hnswlib, Faiss)}


class Ours:
    def __init__(self, command, folder):
        self.command, self.folder = command, folder

    def once(self, *arguments):
        return subprocess.run([self.command, *arguments], check=True, capture_output=True, text=True).stdout

    def build(self):
        return json.loads(self.once("build", self.folder, "1"))

    def serve(self):
        self.process = subprocess.Popen(
            [self.command, "serve", self.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def search(self, expansion, field=None):
        return self.ask({"search": {"expansion": expansion, "field": field}})

    def timed(self, expansion):
        answer = self.search(expansion)
        return answer["seconds"], answer["found"]


def seconds(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def timed(peer, queries, expansion):
    """Seconds, and what was found."""
    started = time.perf_counter()
    found = peer.search(queries, expansion)
    return time.perf_counter() - started, found


def curve(search, truth):
    """Each number of candidates, with its recall and the queries a second of the quickest pass."""
    search(EXPANSIONS[-1])
    points = []
    for expansion in EXPANSIONS:
        passes = [search(expansion) for _ in range(PASSES)]
        points.append((expansion, recall(passes[0][1], truth), QUERIES / min(taken for taken, _ in passes)))
    return points


def at_speed(points):
    """The first point of a curve that finds enough."""
    return next((point for point in points if point[1] >= RECALL), points[-1])


def resident():
    line = next(line for line in open("/proc/self/status") if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1000


def memory(kind, path, folder, expansion):
    """What a process takes to open a peer's saved index and answer all queries, over what it took before."""
    peer, queries = kind(), load(folder, "queries")
    # The libraries' own memory is no part of the index.
    small = kind()
    small.build(numpy.ascontiguousarray(queries[:100]))
    small.search(queries[:10], expansion)
    before = resident()
    peer.load(path)
    peer.search(queries, expansion)
    print(resident() - before)


def main(folder, count, command):
    faiss.omp_set_num_threads(1)
    ours = Ours(command, folder)
    ours.once("make", folder, str(count), str(QUERIES))
    vectors, queries = load(folder, "vectors"), load(folder, "queries")
    truth = nearest(vectors, queries)

    # The first round builds both peers; the quicker to ask is built in the others.
    built = [ours.build()]
    times, curves = {}, {}
    for kind in KINDS.values():
        peer = kind()
        times[kind.name] = seconds(lambda: peer.build(vectors))
        curves[kind.name] = curve(lambda expansion: timed(peer, queries, expansion), truth)
        peer.save(f"{folder}/{kind.name}.index")
        del peer
    name = max(curves, key=lambda name: at_speed(curves[name])[2])
    expansion, peer_recall, _ = at_speed(curves[name])
    path = f"{folder}/{name}.index"
    builds = [[built[0]["build_seconds"], times[name]]]
    for _ in range(1, ROUNDS if count <= BUILT_AGAIN else 1):
        built.append(ours.build())
        again = KINDS[name]()
        builds.append([built[-1]["build_seconds"], seconds(lambda: again.build(vectors))])
        del again

    peer = KINDS[name]()
    peer.load(path)
    ours.serve()
    own_curve = curve(ours.timed, truth)
    own, own_recall, _ = at_speed(own_curve)
    rounds = []
    for _ in range(ROUNDS):
        mine, _ = ours.timed(own)
        peer.search(queries[:1], expansion)
        rounds.append([mine, timed(peer, queries, expansion)[0]])
    del peer
    found = {
        "peer": name, "vectors": count, "queries": QUERIES, "expansion": own, "peer_expansion": expansion,
        "recall_at_speed": own_recall, "peer_recall_at_speed": peer_recall,
        "recall": recall(ours.search(64)["found"], truth), "rounds": rounds, "builds": builds,
        "curve": own_curve, "peer_curve": curves[name],
        "insert_seconds": [one["insert_seconds"] for one in built],
        "build_peak_mb": [one["build_peak_mb"] for one in built],
    }
    places = numpy.arange(count) * 7919 % 1_000_003
    for field, divisor in FIELDS.items():
        numbers = numpy.flatnonzero(places % divisor == 1)
        answer = ours.search(64, field)
        found[f"recall_{field}"] = recall(answer["found"], nearest(vectors, queries, numbers))
        found[f"milliseconds_{field}"] = answer["seconds"] / QUERIES * 1e3
    ours.process.stdin.close()
    measured = []
    for _ in range(ROUNDS):
        ours.serve()
        ours.search(own)
        mine = ours.ask("memory")["megabytes"]
        ours.process.stdin.close()
        theirs = subprocess.run(
            [sys.executable, __file__, "memory", name, path, folder, str(expansion)], check=True, capture_output=True, text=True
        )
        measured.append([mine, float(theirs.stdout)])
    found["memory"] = measured
    found["open"] = [float(ours.once("open", folder)) for _ in range(ROUNDS)]
    print(json.dumps(found))


if sys.argv[1] == "memory":
    memory(KINDS[sys.argv[2]], sys.argv[3], sys.argv[4], int(sys.argv[5]))
else:
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
