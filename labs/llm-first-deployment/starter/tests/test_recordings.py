"""What the providers send, as it was written down in recordings/."""

import json
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from accounting import Ledger
from digest import Digester, Filtered
from providers import make_client
from support import PRICES, Clock, Day, Endpoint, Pieces, lines, provider, run

RECORDINGS = Path(__file__).resolve().parent.parent / "recordings"


def recorded(name):
    response = json.loads((RECORDINGS / name).read_text(encoding="utf-8"))["response"]
    return httpx.Response(response["status"], headers=response["headers"], json=response["body"])


def digester(tmp_path, reply):
    made_for = provider()
    endpoint = Endpoint(reply)
    client = make_client(made_for, http_client=endpoint.client())
    ledger = Ledger(tmp_path / "ledger.jsonl", Decimal("0.05"), Day())
    return Digester(made_for, client, PRICES, ledger, sleep=Clock().sleep)


def test_bedrock_without_details_of_the_usage(tmp_path):
    desk = digester(tmp_path, recorded("bedrock-answer.json"))
    answer = run(desk.digest("The note.", "duty-desk"))
    assert (answer.usage.prompt, answer.usage.completion, answer.usage.cached) == (212, 61, 0)
    assert answer.model == "openai.gpt-oss-20b-1:0"


def test_bedrock_thinks_aloud(tmp_path):
    answer = run(
        digester(tmp_path, recorded("bedrock-answer.json")).digest("The note.", "duty-desk")
    )
    assert answer.text.startswith("A triage agent called itself")


def test_azure_stopped_the_answer_and_counted_it(tmp_path):
    desk = digester(tmp_path, recorded("azure-answer-filtered.json"))
    with pytest.raises(Filtered):
        run(desk.digest("The note.", "duty-desk"))
    [line] = lines(desk.ledger.file)
    assert (line["prompt_tokens"], line["completion_tokens"]) == (180, 23)


def test_azure_refused_the_prompt(tmp_path):
    with pytest.raises(Filtered):
        run(
            digester(tmp_path, recorded("azure-prompt-filtered.json")).digest(
                "The note.", "duty-desk"
            )
        )


def test_azure_streams_chunks_without_choices(tmp_path):
    body = (RECORDINGS / "azure-stream.txt").read_bytes()
    reply = httpx.Response(
        200, headers={"content-type": "text/event-stream"}, stream=Pieces([body])
    )
    desk = digester(tmp_path, reply)

    async def read():
        return [piece async for piece in await desk.stream("The note.", "duty-desk")]

    *texts, entry = run(read())
    assert "".join(texts) == "The cap was an alert."
    assert (entry.model, entry.prompt_tokens, entry.cached_tokens) == (
        "gpt-4o-2024-11-20",
        150,
        128,
    )
