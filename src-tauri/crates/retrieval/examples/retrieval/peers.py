"""The peers of `cargo xtask bench retrieval`, and the rounds: hnswlib and faiss, on one thread, with the same vectors.

    python peers.py FOLDER VECTORS OURS

OURS is the example `retrieval`. Prints one line of JSON: for each round what each side took, ours first.
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
# More vectors than these are built once.
BUILT_AGAIN = 100_000
RECALL = 0.95
# From few candidates to many: each side runs with the first that finds enough.
EXPANSIONS = [10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 48, 64, 96, 128, 192, 256]
FIELDS = {"half": 2, "tenth": 10, "hundredth": 100}


def load(folder, name):
    return numpy.fromfile(f"{folder}/{name}.f32", "<f4").reshape(-1, DIMENSION)


def nearest(vectors, queries, numbers=None):
    """The numbers of the ten vectors with the highest inner product for each query, by comparing all."""
    rows = [numpy.argpartition(-(vectors @ query), 10)[:10] for query in queries]
    return [set((row if numbers is None else numbers[row]).tolist()) for row in rows]


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


def seconds(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


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
    peers, times, expansions, rates = [Hnswlib(), Faiss()], {}, {}, {}
    for peer in peers:
        times[peer.name] = seconds(lambda: peer.build(vectors))
        enough = (one for one in EXPANSIONS if recall(peer.search(queries, one), truth) >= RECALL)
        expansions[peer.name] = next(enough, EXPANSIONS[-1])
        rates[peer.name] = min(seconds(lambda: peer.search(queries, expansions[peer.name])) for _ in range(3))
    peer = min(peers, key=lambda peer: rates[peer.name])
    expansion = expansions[peer.name]
    path = f"{folder}/peer.index"
    peer.save(path)
    builds = [[built[0]["build_seconds"], times[peer.name]]]
    for _ in range(1, ROUNDS if count <= BUILT_AGAIN else 1):
        again = type(peer)()
        built.append(ours.build())
        builds.append([built[-1]["build_seconds"], seconds(lambda: again.build(vectors))])
        del again

    ours.serve()
    own = next((one for one in EXPANSIONS if recall(ours.search(one)["found"], truth) >= RECALL), EXPANSIONS[-1])
    rounds = []
    for _ in range(ROUNDS):
        mine = ours.search(own)["seconds"]
        peer.search(queries[:1], expansion)
        rounds.append([mine, seconds(lambda: peer.search(queries, expansion))])
    found = {
        "peer": peer.name, "vectors": count, "queries": QUERIES, "expansion": own, "peer_expansion": expansion,
        "recall_at_speed": recall(ours.search(own)["found"], truth),
        "peer_recall_at_speed": recall(peer.search(queries, expansion), truth),
        "recall": recall(ours.search(64)["found"], truth), "rounds": rounds, "builds": builds,
        "insert_seconds": [one["insert_seconds"] for one in built],
    }
    places = numpy.arange(count) * 7919 % 1_000_003
    for field, divisor in FIELDS.items():
        numbers = numpy.flatnonzero(places % divisor == 1)
        answer = ours.search(64, field)
        found[f"recall_{field}"] = recall(answer["found"], nearest(vectors[numbers], queries, numbers))
        found[f"milliseconds_{field}"] = answer["seconds"] / QUERIES * 1e3
    del peer, peers
    measured = []
    for _ in range(ROUNDS):
        ours.serve()
        ours.search(own)
        mine = ours.ask("memory")["megabytes"]
        ours.process.stdin.close()
        kind = found["peer"]
        theirs = subprocess.run(
            [sys.executable, __file__, "memory", kind, path, folder, str(expansion)], check=True, capture_output=True, text=True
        )
        measured.append([mine, float(theirs.stdout)])
    found["memory"] = measured
    found["open"] = [float(ours.once("open", folder)) for _ in range(ROUNDS)]
    print(json.dumps(found))


if sys.argv[1] == "memory":
    kind = {"hnswlib": Hnswlib, "faiss": Faiss}[sys.argv[2]]
    memory(kind, sys.argv[3], sys.argv[4], int(sys.argv[5]))
else:
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
