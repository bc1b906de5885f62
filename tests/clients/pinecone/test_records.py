"""Indexes that embed by themselves, and `embed`."""

import json
import os
from urllib.request import Request, urlopen

import pytest
from pinecone.exceptions import NotFoundException


def embedding_model():
    key = {"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"}
    models = json.load(urlopen(Request(f"{os.environ['OPENAI_BASE_URL']}/models", headers=key)))["data"]
    return next(model["id"] for model in models if model["capabilities"]["embeddings"])


TEXTS = {"cat": "A cat sleeps on the warm sofa.", "tax": "The tax return is due in April.", "car": "The car needs new tyres."}


def test_texts_are_found_by_what_they_mean(client):
    embed = {"model": embedding_model(), "field_map": {"text": "chunk"}}
    client.create_index_for_model(name="texts", cloud="aws", region="us-east-1", embed=embed)
    try:
        index = client.Index("texts")
        index.upsert_records(namespace="n", records=[{"_id": id, "chunk": text} for id, text in TEXTS.items()])
        query = {"inputs": {"text": "a sleeping kitten"}, "top_k": 1}
        found = index.search_records(namespace="n", query=query).result.hits
        hit = found[0].to_dict() if hasattr(found[0], "to_dict") else found[0]
        assert hit.get("_id", hit.get("id_")) == "cat" and hit["fields"] == {"chunk": TEXTS["cat"]}
    finally:
        client.delete_index("texts")


def test_embed_gives_a_vector_for_each_text(client):
    answer = client.inference.embed(model=embedding_model(), inputs=["a", "b"], parameters={"input_type": "query"})
    assert len(answer.data) == 2 and len(answer.data[0].values) > 100
    with pytest.raises(NotFoundException, match="There is no model"):
        client.inference.embed(model="multilingual-e5-large", inputs=["a"])
