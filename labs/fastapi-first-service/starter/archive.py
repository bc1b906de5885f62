"""The document archive, behind a client that blocks: the calling thread waits for the answer.

It stands for what you know from practice: boto3, psycopg without its async side, requests, an SDK
that nobody has ported. Where ARCHIVE_LOG names a file, it logs there when each call began and ended,
in seconds since 1970.
"""

import json
import os
import threading
import time
from functools import lru_cache
from pathlib import Path

DOCUMENTS = Path(__file__).resolve().parent / "data" / "documents.json"

# Seconds that a call takes. Tests set it; nobody sees it coming in production either.
DELAY_S = 0.1
LOG = os.environ.get("ARCHIVE_LOG")
_writing = threading.Lock()


@lru_cache(maxsize=1)
def _index() -> dict[str, list[dict[str, str]]]:
    return json.loads(DOCUMENTS.read_text(encoding="utf-8"))


def documents_of(incident_id: str) -> list[dict[str, str]]:
    """What was written about an incident, each with `id`, `title`, `kind`. Blocks for DELAY_S."""
    began = time.time()
    time.sleep(DELAY_S)
    if LOG:
        with _writing, open(LOG, "a", encoding="utf-8") as log:
            print(began, time.time(), file=log)
    return _index().get(incident_id, [])
