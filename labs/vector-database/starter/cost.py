"""What a month costs, by what each service meters. Given; the prices are yours to look up again.

    python cost.py --vectors 1000000 --queries 1000000

List prices of one region (AWS us-east-1), as found in 2026: Pinecone's Standard plan on
4 November, an OpenSearch Compute Unit in February. What is rented by the hour and by size has no
formula here: put the price of your own machine in with --machine.
"""

from __future__ import annotations

import argparse

HOURS = 730

# Dollars.
PINECONE_GB_MONTH = 0.33
PINECONE_MILLION_READ_UNITS = 16.0
PINECONE_MILLION_WRITE_UNITS = 4.0
PINECONE_LEAST = 50.0
OCU_HOUR = 0.24
OCUS_LEAST = 2  # Two halves for indexing and two for search: what an idle collection keeps.


def main() -> None:
    parser = argparse.ArgumentParser(description="What a month costs.")
    parser.add_argument("--vectors", type=int, default=1_000_000)
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--metadata", type=int, default=500, help="bytes of each, ids included")
    parser.add_argument("--queries", type=int, default=1_000_000, help="a month")
    parser.add_argument("--namespaces", type=int, default=1, help="of one size; a query reads one")
    parser.add_argument("--changed", type=float, default=0.1, help="share upserted anew a month")
    parser.add_argument("--machine", type=float, default=0.0, help="price of a machine, an hour")
    given = parser.parse_args()

    record = given.dimension * 4 + given.metadata
    gigabytes = given.vectors * record / 1e9
    units_of_query = max(0.25, gigabytes / given.namespaces)
    # A write unit is a kilobyte. The least of five for a request does not count in batches.
    writes = given.vectors * given.changed * record / 1000
    storage = gigabytes * PINECONE_GB_MONTH
    reads = given.queries * units_of_query / 1e6 * PINECONE_MILLION_READ_UNITS
    written = writes / 1e6 * PINECONE_MILLION_WRITE_UNITS
    used = storage + reads + written

    # The vectors, and an HNSW graph with M = 24, as here: up to 48 links of 4 bytes at the bottom
    # layer. Elsewhere M is often 16.
    graph = given.vectors * 48 * 4 / 1e9
    vectors = given.vectors * given.dimension * 4 / 1e9
    floats, bytes = vectors + graph, vectors / 4 + graph
    print(f"{given.vectors:,} vectors of {given.dimension} numbers, {gigabytes:.2f} GB in all")
    print(f"memory of an HNSW index: {floats:.2f} GB, {bytes:.2f} GB with int8")
    print(f"Pinecone, {units_of_query:.2f} read units a query")
    print(f"  storage {storage:.2f}, reads {reads:.2f}, writes {written:.2f} $ a month")
    print(f"  {max(used, PINECONE_LEAST):.2f} $, at least {PINECONE_LEAST:.0f} $")
    idle = OCUS_LEAST * OCU_HOUR * HOURS
    print(f"OpenSearch Serverless, {OCUS_LEAST} OCUs: {idle:.2f} $, busy or idle")
    if given.machine:
        print(f"your own machine (pgvector, Qdrant): {given.machine * HOURS:.2f} $, busy or idle")


if __name__ == "__main__":
    main()
