"""Embeddings, in figures and in base64."""

import base64
import struct

import pytest
from openai import BadRequestError

from callers import CLASSES, create, embedding_model, model

TEXTS = ["A cat sat on the mat.", "A kitten rests on a rug.", "Interest rates rose again."]

pytestmark = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


def embed(kind, texts, **parameters):
    return create(kind, "embeddings", **{"model": embedding_model(kind), "input": texts, **parameters})


def dot(one, other):
    return sum(a * b for a, b in zip(one, other))


def test_vectors_tell_what_is_near(kind):
    answer = embed(kind, TEXTS)
    assert [item.index for item in answer.data] == [0, 1, 2]
    cat, kitten, rates = (item.embedding for item in answer.data)
    assert dot(cat, cat) == pytest.approx(1, abs=1e-5)
    assert dot(cat, kitten) > dot(cat, rates)
    assert answer.model == embedding_model(kind) and answer.usage.prompt_tokens == answer.usage.total_tokens > 0


def test_both_encodings_are_the_same_bits(kind):
    # The client asks for base64 by itself and unpacks it.
    unpacked = embed(kind, TEXTS[0]).data[0].embedding
    figures = embed(kind, TEXTS[0], encoding_format="float").data[0].embedding
    packed = base64.b64decode(embed(kind, TEXTS[0], encoding_format="base64").data[0].embedding)
    assert unpacked == figures == list(struct.unpack(f"<{len(packed) // 4}f", packed))


def test_texts_together_are_as_alone(kind):
    together = embed(kind, TEXTS).data
    for text, item in zip(TEXTS, together):
        assert dot(embed(kind, text).data[0].embedding, item.embedding) == pytest.approx(1, abs=1e-4)


def test_only_the_models_own_dimensions(kind):
    own = len(embed(kind, TEXTS[0]).data[0].embedding)
    assert len(embed(kind, TEXTS[0], dimensions=own).data[0].embedding) == own
    with pytest.raises(BadRequestError) as caught:
        embed(kind, TEXTS[0], dimensions=own // 2)
    assert caught.value.param == "dimensions" and str(own) in caught.value.message


def test_ids_of_another_tokenizer_are_refused_with_the_way_out(kind):
    for ids in ([9906, 1917], [[9906], [1917]]):
        with pytest.raises(BadRequestError) as caught:
            embed(kind, ids)
        assert "check_embedding_ctx_length=False" in caught.value.message
    assert embed(kind, [2023, 2003], extra_body={"token_ids": "own"}).data


@pytest.mark.parametrize("texts", ["", [], [""]], ids=repr)
def test_nothing_to_embed_is_refused(kind, texts):
    with pytest.raises(BadRequestError) as caught:
        embed(kind, texts)
    assert caught.value.param.startswith("input")


def test_too_long_a_text_is_told_both_counts(kind):
    with pytest.raises(BadRequestError) as caught:
        embed(kind, "word " * 20_000)
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "input")


def test_a_model_that_chats_embeds_nothing(kind):
    with pytest.raises(BadRequestError) as caught:
        embed(kind, TEXTS[0], model=model(kind))
    assert embedding_model(kind) in caught.value.message
