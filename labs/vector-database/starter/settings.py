"""Where the index is, and how it is called. Given."""

from __future__ import annotations

import os

# Names and numbers of the one index of this lab.
INDEX = "skerry"
BATCH = 200  # Vectors of one upsert.

# How late a write is seen, in milliseconds. A managed index does not let you choose. Here it is a
# tag that the gateway reads when the index is made, so that you meet the wait on purpose.
DELAY_MS = 400
DELAY_TAG = "groundwork-delay-ms"

CLOUD, REGION = "aws", "eu-west-1"


def gateway() -> tuple[str, str]:
    """The gateway's root and this workspace's key, from what Pinecone's client reads."""
    root = os.environ["PINECONE_CONTROLLER_HOST"].removesuffix("/pinecone")
    return root, os.environ["PINECONE_API_KEY"]
