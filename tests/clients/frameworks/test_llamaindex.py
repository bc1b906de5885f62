"""LlamaIndex's classes for OpenAI and for servers like it, with the environment's address and key."""

import asyncio
import os
from typing import Literal

import pytest
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.openai import OpenAI as LlamaOpenAI
from llama_index.llms.openai_like import OpenAILike
from openai import OpenAI
from pydantic import BaseModel

from callers import embedding_model, model

COUNT = "Count from one to twenty in words."


def like(**options):
    """For models whose names OpenAI does not know."""
    options = {"is_chat_model": True, "is_function_calling_model": True, "max_tokens": 8, **options}
    return OpenAILike(
        model=model(OpenAI),
        api_base=os.environ["OPENAI_BASE_URL"],
        api_key=os.environ["OPENAI_API_KEY"],
        context_window=2048,
        temperature=0,
        max_retries=0,
        **options,
    )


def test_a_chat_whole_streamed_and_awaited():
    asked = [ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content=COUNT)]
    whole = like().chat(asked).message.content
    assert whole
    assert "".join(chunk.delta or "" for chunk in like().stream_chat(asked)) == whole
    assert asyncio.run(like().achat(asked)).message.content == whole


def test_a_completion_whole_and_streamed():
    writer = like(is_chat_model=False)
    whole = writer.complete("One, two, three,").text
    assert whole
    assert list(writer.stream_complete("One, two, three,"))[-1].text == whole


def get_weather(city: Literal["Oslo", "Rome"]) -> str:
    """The weather of a city."""
    return f"12 degrees in {city}"


def test_a_tool_is_called():
    weather = FunctionTool.from_defaults(get_weather)
    llm = like(max_tokens=100)
    answer = llm.chat_with_tools([weather], "What is the weather in Oslo?", tool_required=True)
    calls = llm.get_tool_calls_from_response(answer)
    assert [call.tool_name for call in calls][:1] == ["get_weather"]
    assert calls[0].tool_kwargs["city"] in ("Oslo", "Rome")


class City(BaseModel):
    """A city."""

    name: Literal["Oslo", "Rome"]
    people: int


def test_an_answer_of_a_given_form():
    llm = like(max_tokens=100).as_structured_llm(City)
    assert isinstance(llm.complete("How many people live in Oslo?").raw, City)


def test_embeddings_of_texts():
    base = os.environ["OPENAI_BASE_URL"]
    embedder = OpenAIEmbedding(model_name=embedding_model(OpenAI), api_base=base, max_retries=0)
    texts = embedder.get_text_embedding_batch(["A cat sat.", "Rates rose."])
    assert len(texts) == 2
    assert embedder.get_query_embedding("A cat sat.") == pytest.approx(texts[0], abs=1e-5)


def test_the_class_for_openais_own_models(gateway):
    """It wants a name that OpenAI has: a deployment may be called so."""
    gateway.deploy("gpt-4o-mini", model(OpenAI))
    base = os.environ["OPENAI_BASE_URL"]
    llm = LlamaOpenAI(model="gpt-4o-mini", api_base=base, temperature=0, max_tokens=8, max_retries=0)
    asked = [ChatMessage(role="user", content=COUNT)]
    whole = llm.chat(asked).message.content
    assert whole
    assert "".join(chunk.delta or "" for chunk in llm.stream_chat(asked)) == whole
