"""LangChain's and LlamaIndex's stores for Qdrant over the gateway's collections, with its own embeddings."""

import os
import uuid
import warnings

import pytest
from langchain_core.documents import Document
from langchain_openai import OpenAIEmbeddings
from langchain_qdrant import QdrantVectorStore as LangChainStore
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.schema import TextNode
from llama_index.core.vector_stores import ExactMatchFilter, MetadataFilters
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.vector_stores.qdrant import QdrantVectorStore as LlamaStore
from openai import OpenAI
from qdrant_client import QdrantClient, models

from callers import embedding_model

TEXTS = {
    "Cats purr when they are content.": "animals",
    "Dogs wag their tails to greet you.": "animals",
    "The compiler rejects a program with a type error.": "programs",
}
QUESTION = "What does a happy kitten do?"


@pytest.fixture
def client(gateway):
    with warnings.catch_warnings():
        # The key goes over plain HTTP, which stays on this machine; the gateway speaks a newer version.
        warnings.simplefilter("ignore")
        client = QdrantClient(url=gateway.root, api_key=gateway.key, timeout=60, check_compatibility=False)
    yield client
    client.close()


@pytest.fixture
def name(client):
    name = f"frameworks-{uuid.uuid4()}"
    yield name
    client.delete_collection(name)


def test_langchains_store(gateway, client, name):
    embedding = OpenAIEmbeddings(model=embedding_model(OpenAI), check_embedding_ctx_length=False)
    documents = [Document(page_content=text, metadata={"about": about}) for text, about in TEXTS.items()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        store = LangChainStore.from_documents(
            documents, embedding, url=gateway.root, api_key=gateway.key, collection_name=name
        )
    best, score = store.similarity_search_with_score(QUESTION, k=1)[0]
    assert best.page_content.startswith("Cats") and 0 < score <= 1
    about = models.FieldCondition(key="metadata.about", match=models.MatchValue(value="programs"))
    found = store.similarity_search(QUESTION, k=3, filter=models.Filter(must=[about]))
    assert [document.metadata["about"] for document in found] == ["programs"]
    assert len(store.max_marginal_relevance_search(QUESTION, k=2, fetch_k=3)) == 2
    again = LangChainStore(client=client, collection_name=name, embedding=embedding)
    [added] = again.add_texts(["Kittens meow."], metadatas=[{"about": "animals"}])
    assert again.get_by_ids([added])[0].page_content == "Kittens meow."
    assert again.delete([added]) and not again.get_by_ids([added])
    assert client.count(name).count == len(TEXTS)


def test_llamaindexs_store(client, name):
    embedding = OpenAIEmbedding(model_name=embedding_model(OpenAI), api_base=os.environ["OPENAI_BASE_URL"])
    store = LlamaStore(collection_name=name, client=client)
    nodes = [TextNode(text=text, metadata={"about": about}) for text, about in TEXTS.items()]
    context = StorageContext.from_defaults(vector_store=store)
    index = VectorStoreIndex(nodes, storage_context=context, embed_model=embedding)
    found = index.as_retriever(similarity_top_k=2).retrieve(QUESTION)
    assert found[0].node.get_content().startswith("Cats") and found[0].score > found[1].score
    programs = MetadataFilters(filters=[ExactMatchFilter(key="about", value="programs")])
    found = index.as_retriever(similarity_top_k=3, filters=programs).retrieve(QUESTION)
    assert [node.metadata["about"] for node in found] == ["programs"]
    store.delete_nodes([nodes[0].node_id])
    assert client.count(name).count == len(TEXTS) - 1
    assert store.get_nodes([nodes[1].node_id])[0].get_content() == nodes[1].text
