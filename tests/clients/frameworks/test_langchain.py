"""LangChain's classes for OpenAI, set up by the environment alone."""

import asyncio
from typing import Literal

import pytest
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from openai import BadRequestError, OpenAI
from pydantic import BaseModel

from callers import embedding_model, model

COUNT = "Count from one to twenty in words."


# One for all tests, since LangChain keeps its connections.
LOOP = asyncio.new_event_loop()


def chat(most=8, **options):
    return ChatOpenAI(model=model(OpenAI), temperature=0, max_tokens=most, max_retries=0, **options)


def embeddings(**options):
    return OpenAIEmbeddings(model=embedding_model(OpenAI), max_retries=0, **options)


@pytest.mark.parametrize("responses", [False, True], ids=["completions", "responses"])
def test_an_answer_whole_streamed_and_awaited(responses):
    asked = [SystemMessage("Be brief."), HumanMessage(COUNT)]
    llm = chat(use_responses_api=responses)
    whole = llm.invoke(asked)
    assert whole.text and 0 < whole.usage_metadata["output_tokens"] <= 8
    assert "".join(chunk.text for chunk in llm.stream(asked)) == whole.text
    assert LOOP.run_until_complete(llm.ainvoke(asked)).text == whole.text


def test_several_at_once():
    answers = chat().batch([COUNT, "Say yes.", COUNT])
    assert answers[0].text == answers[2].text


@tool
def get_weather(city: Literal["Oslo", "Rome"]) -> str:
    """The weather of a city."""
    return f"12 degrees in {city}"


def test_a_tool_is_called_and_its_result_sent_back():
    llm = chat(100).bind_tools([get_weather], tool_choice="get_weather")
    asked = [HumanMessage("What is the weather in Oslo?")]
    called = llm.invoke(asked)
    results = [get_weather.invoke(call) for call in called.tool_calls]
    assert results and all(isinstance(result, ToolMessage) for result in results)
    assert chat().invoke([*asked, called, *results]).text


class City(BaseModel):
    """A city."""

    name: Literal["Oslo", "Rome"]
    people: int


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_an_answer_of_a_given_form(method):
    city = chat(100).with_structured_output(City, method=method).invoke("How many people live in Oslo?")
    assert isinstance(city, City)


def test_embeddings_of_texts():
    embedder = embeddings(check_embedding_ctx_length=False)
    documents = embedder.embed_documents(["A cat sat.", "Rates rose."])
    query = embedder.embed_query("A cat sat.")
    assert len(documents) == 2 and documents[0] == pytest.approx(query, abs=1e-5)


def test_ids_of_another_tokenizer_are_refused_with_the_way_out():
    """What LangChain sends unless it is told not to: ids of cl100k_base, which it would have to download here."""
    with pytest.raises(BadRequestError) as caught:
        embeddings(check_embedding_ctx_length=False).client.create(model=embedding_model(OpenAI), input=[[9906, 1917]])
    assert "check_embedding_ctx_length=False" in str(caught.value)
