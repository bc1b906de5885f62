"""The frameworks' stores of vectors in Pinecone, set up by the environment, with this gateway's embeddings."""

import os

import pytest
from langchain_core.documents import Document
from langchain_openai import OpenAIEmbeddings
from langchain_pinecone import PineconeVectorStore as LangChainStore
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.schema import TextNode
from llama_index.core.vector_stores import MetadataFilter, MetadataFilters
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.vector_stores.pinecone import PineconeVectorStore as LlamaStore
from openai import OpenAI
from pinecone import Pinecone, ServerlessSpec

from callers import embedding_model

TEXTS = {"A cat sleeps on the warm sofa.": "pets", "The tax return is due in April.": "law", "The car needs new tyres.": "cars"}


@pytest.fixture
def index():
    client = Pinecone()
    model = embedding_model(OpenAI)
    dimension = len(OpenAI().embeddings.create(model=model, input="a").data[0].embedding)
    client.create_index(name="store", dimension=dimension, spec=ServerlessSpec(cloud="aws", region="us-east-1"))
    yield client.Index("store")
    client.delete_index("store")


def test_langchain_keeps_finds_and_deletes_documents(index):
    embeddings = OpenAIEmbeddings(model=embedding_model(OpenAI), check_embedding_ctx_length=False)
    store = LangChainStore(index=index, embedding=embeddings)
    documents = [Document(text, metadata={"topic": topic}) for text, topic in TEXTS.items()]
    ids = store.add_documents(documents)
    assert store.similarity_search("a sleeping kitten", k=1)[0].metadata == {"topic": "pets"}
    filtered = store.similarity_search_with_score("a sleeping kitten", k=3, filter={"topic": {"$in": ["law", "cars"]}})
    assert sorted(document.metadata["topic"] for document, _ in filtered) == ["cars", "law"]
    assert store.as_retriever(search_type="mmr", search_kwargs={"k": 2}).invoke("money owed")[0].metadata == {"topic": "law"}
    store.delete(ids=ids[:1])
    assert len(store.similarity_search("a sleeping kitten", k=3)) == 2


def test_llamaindex_keeps_finds_and_deletes_nodes(index):
    embedding = OpenAIEmbedding(
        model_name=embedding_model(OpenAI), api_base=os.environ["OPENAI_BASE_URL"], api_key=os.environ["OPENAI_API_KEY"]
    )
    store = LlamaStore(pinecone_index=index)
    nodes = [TextNode(id_=topic, text=text, metadata={"topic": topic}) for text, topic in TEXTS.items()]
    context = StorageContext.from_defaults(vector_store=store)
    kept = VectorStoreIndex(nodes, storage_context=context, embed_model=embedding)
    assert kept.as_retriever(similarity_top_k=1).retrieve("a sleeping kitten")[0].node.metadata == {"topic": "pets"}
    filters = MetadataFilters(filters=[MetadataFilter(key="topic", value="cars")])
    found = kept.as_retriever(similarity_top_k=3, filters=filters).retrieve("a sleeping kitten")
    assert [node.node.metadata["topic"] for node in found] == ["cars"]
    store.delete_nodes(node_ids=["pets"])
    assert "pets" not in [node.node.metadata["topic"] for node in kept.as_retriever(similarity_top_k=3).retrieve("a cat")]
