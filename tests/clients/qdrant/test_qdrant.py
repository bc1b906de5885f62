"""The official client of Qdrant against the gateway, and beside the same client's own local mode."""

import asyncio
import random
import uuid
import warnings

import pytest
from qdrant_client import AsyncQdrantClient, QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

SIZE = 8
UUID = str(uuid.UUID(int=7))
EMBEDDER = "all-minilm-l6-v2"


def connect(gateway, kind=QdrantClient, **options):
    with warnings.catch_warnings():
        # That the key goes over plain HTTP, which stays on this machine.
        warnings.filterwarnings("ignore", message="Api key is used")
        return kind(url=gateway.root, api_key=gateway.key, timeout=60, **options)


@pytest.fixture(scope="module")
def client(gateway):
    with_client = connect(gateway)
    yield with_client
    with_client.close()


def vectors(count, seed=1):
    draw = random.Random(seed)
    return [[draw.uniform(-1, 1) for _ in range(SIZE)] for _ in range(count)]


PAYLOADS = [
    {"city": "Berlin", "n": 1, "price": 1.5, "ok": True, "at": "2024-01-01T00:00:00Z", "tags": ["a", "b"]},
    {"city": "London", "n": 2, "price": 2.5, "ok": False, "at": "2024-02-01", "tags": []},
    {"city": "Berlin", "n": 3, "text": "The quick brown fox", "tags": ["a", None]},
    {"city": None, "n": -4, "text": "a brown quick dog", "at": "2024-03-01T12:00:00+02:00"},
    {"n": [5, 6], "text": ["Fox hunting", "no more"], "ok": True},
    {"city": ["Paris", "Oslo"], "price": -0.5},
    {"deep": {"b": 1, "c": [1, 2, 3]}, "a.b": 9},
    {"diet": [{"food": "leaves", "likes": False}, {"food": "meat", "likes": True}]},
    {"diet": [{"food": "leaves", "likes": True}], "n": 10},
    {"diet": {"food": "leaves", "likes": True}},
    {"text": "", "n": 1_000_000_000_000},
    {},
]


def points():
    ids = [*range(1, 11), UUID, str(uuid.UUID(int=8))]
    return [
        models.PointStruct(id=id, vector=vector, payload=payload)
        for id, vector, payload in zip(ids, vectors(len(ids)), PAYLOADS)
    ]


@pytest.fixture(scope="module", params=[models.Distance.COSINE, models.Distance.DOT, models.Distance.EUCLID], ids=str)
def pair(request, client):
    """One collection here, and the same in the client's own memory."""
    name = f"pair-{request.param.value.lower()}"
    both = [client, QdrantClient(":memory:")]
    for each in both:
        params = models.VectorParams(size=SIZE, distance=request.param)
        each.create_collection(name, vectors_config=params)
        each.upsert(name, points())
    yield both, name
    client.delete_collection(name)


def field(key, **asked):
    return models.FieldCondition(key=key, **asked)


def match(key, value):
    return field(key, match=models.MatchValue(value=value))


def nested(key, **clauses):
    return models.NestedCondition(nested=models.Nested(key=key, filter=models.Filter(**clauses)))


LEAVES, LIKES = match("food", "leaves"), match("likes", True)

FILTERS = {
    "keyword": models.Filter(must=[match("city", "Berlin")]),
    "one alone": models.Filter(must=match("city", "Berlin")),
    "integer": models.Filter(must=[match("n", 3)]),
    "boolean": models.Filter(must=[match("ok", True)]),
    "in an array": models.Filter(must=[match("tags", "b")]),
    "none": models.Filter(must=[match("city", "Rome")]),
    "any": models.Filter(must=[field("city", match=models.MatchAny(any=["Oslo", "London"]))]),
    "any integer": models.Filter(must=[field("n", match=models.MatchAny(any=[6, 2]))]),
    "except": models.Filter(must=[field("city", match=models.MatchExcept(**{"except": ["Berlin"]}))]),
    "words": models.Filter(must=[field("text", match=models.MatchText(text="quick BROWN"))]),
    "no words": models.Filter(must=[field("text", match=models.MatchText(text=" !"))]),
    "any word": models.Filter(must=[field("text", match=models.MatchTextAny(text_any="dog hunting"))]),
    "phrase": models.Filter(must=[field("text", match=models.MatchPhrase(phrase="quick brown"))]),
    "prefix": models.Filter(must=[field("city", match=models.MatchPrefix(prefix="Lo"))]),
    "substring": models.Filter(must=[field("city", match=models.MatchSubstring(substring="erl"))]),
    "range": models.Filter(must=[field("n", range=models.Range(gte=2, lt=6))]),
    "open range": models.Filter(must=[field("price", range=models.Range(gt=-0.5))]),
    "large numbers": models.Filter(must=[field("n", range=models.Range(gt=999_999_999_999))]),
    "range of nothing": models.Filter(must=[field("n", range=models.Range(gt=5, lt=5))]),
    "times": models.Filter(must=[field("at", range=models.DatetimeRange(gte="2024-01-15T00:00:00Z"))]),
    "times with an offset": models.Filter(must=[field("at", range=models.DatetimeRange(lte="2024-03-01T11:00:00+01:00"))]),
    "values": models.Filter(must=[field("tags", values_count=models.ValuesCount(gte=2))]),
    "no values": models.Filter(must=[field("tags", values_count=models.ValuesCount(lt=1))]),
    "empty": models.Filter(must=[models.IsEmptyCondition(is_empty=models.PayloadField(key="tags"))]),
    "not empty": models.Filter(must=[field("city", is_empty=False)]),
    "null": models.Filter(must=[models.IsNullCondition(is_null=models.PayloadField(key="city"))]),
    "null in an array": models.Filter(must=[field("tags", is_null=True)]),
    "not null": models.Filter(must=[field("city", is_null=False)]),
    "ids": models.Filter(must=[models.HasIdCondition(has_id=[3, UUID, 99])]),
    "inner key": models.Filter(must=[match("deep.b", 1)]),
    "inner array": models.Filter(must=[match("deep.c", 2)]),
    "inner elements": models.Filter(must=[match("diet[].food", "meat")]),
    "quoted key": models.Filter(must=[match('"a.b"', 9)]),
    "nested": models.Filter(must=[nested("diet", must=[LEAVES, LIKES])]),
    "nested with brackets": models.Filter(must=[nested("diet[]", must=[LEAVES, LIKES])]),
    "nested must not": models.Filter(must=[nested("diet", must_not=[LIKES])]),
    "not nested": models.Filter(must_not=[nested("diet", must=[LEAVES])]),
    "must not": models.Filter(must_not=[match("city", "Berlin")]),
    "should": models.Filter(should=[match("city", "Berlin"), match("n", 2)]),
    "empty should": models.Filter(must=[match("city", "Berlin")], should=[]),
    "at least two": models.Filter(
        min_should=models.MinShould(conditions=[match("city", "Berlin"), match("ok", True), match("n", 3)], min_count=2)
    ),
    "filters in filters": models.Filter(
        must=[models.Filter(should=[match("ok", True), models.Filter(must_not=[match("n", 2), match("n", 3)])])],
        must_not=[match("tags", "b")],
    ),
    "all clauses": models.Filter(must=[match("ok", True)], must_not=[match("n", 5)], should=[match("city", "Berlin")]),
}

QUERY = vectors(1, seed=2)[0]
OTHER = vectors(1, seed=3)[0]
HYBRID = [
    models.Prefetch(query=QUERY, limit=6),
    models.Prefetch(query=OTHER, limit=5, filter=FILTERS["must not"]),
]
QUERIES = {
    "nearest": {"query": QUERY},
    "exact": {"query": QUERY, "search_params": models.SearchParams(exact=True, hnsw_ef=32)},
    "by id": {"query": 3},
    "by uuid": {"query": UUID, "limit": 4},
    "a page": {"query": QUERY, "limit": 3, "offset": 2},
    "filtered": {"query": QUERY, "query_filter": FILTERS["should"]},
    "recommended": {"query": models.RecommendQuery(recommend=models.RecommendInput(positive=[1, QUERY], negative=[2]))},
    "fused": {"query": models.FusionQuery(fusion=models.Fusion.RRF), "prefetch": HYBRID},
    "fused by a constant": {"query": models.RrfQuery(rrf=models.Rrf(k=60)), "prefetch": HYBRID, "limit": 4},
    "fused and filtered": {
        "query": models.FusionQuery(fusion=models.Fusion.RRF),
        "prefetch": HYBRID,
        "query_filter": models.Filter(must_not=[match("n", 3)]),
    },
    "ranked again": {"query": OTHER, "prefetch": models.Prefetch(query=QUERY, limit=5)},
    "prefetches in prefetches": {
        "query": QUERY,
        "prefetch": [models.Prefetch(query=models.FusionQuery(fusion=models.Fusion.RRF), prefetch=HYBRID, limit=20)],
    },
    "all": {"limit": 5},
    "in order": {"query": models.OrderByQuery(order_by="n"), "limit": 5},
}


@pytest.mark.parametrize("asked", FILTERS.values(), ids=FILTERS)
def test_a_filter_finds_the_same_points_as_qdrants_own_local_mode(pair, asked):
    clients, name = pair
    found = [client.scroll(name, scroll_filter=asked, limit=100, with_payload=False) for client in clients]
    ours, theirs = [([point.id for point in page], following) for page, following in found]
    assert ours == theirs
    counts = [client.count(name, count_filter=asked).count for client in clients]
    assert counts == [len(theirs[0])] * 2


@pytest.mark.parametrize("asked", QUERIES.values(), ids=QUERIES)
def test_a_query_finds_the_same_points_with_the_same_scores(pair, asked):
    clients, name = pair
    ours, theirs = [client.query_points(name, with_payload=True, with_vectors=True, **asked).points for client in clients]
    scores = [point.score for point in theirs]
    assert [point.score for point in ours] == pytest.approx(scores, abs=1e-5)
    if len(set(scores)) == len(scores):
        assert [point.id for point in ours] == [point.id for point in theirs]
    payloads = {point.id: point.payload for point in theirs}
    known = {point.id: point.vector for point in theirs}
    for point in ours:
        assert point.payload == payloads.get(point.id, point.payload)
        assert point.vector == pytest.approx(known.get(point.id, point.vector), abs=1e-6)
    assert theirs, "a query that finds nothing compares nothing"


def test_a_threshold_leaves_out_what_is_not_better(pair):
    clients, name = pair
    scores = [point.score for point in clients[1].query_points(name, query=QUERY).points]
    between = (scores[3] + scores[4]) / 2
    found = [client.query_points(name, query=QUERY, score_threshold=between).points for client in clients]
    ours, theirs = [[point.id for point in points] for points in found]
    assert ours == theirs and len(ours) == 4


SELECTORS = {
    "all": True,
    "none": False,
    "paths": ["deep.c", "city", "diet[].food"],
    "no paths": [],
    "include": models.PayloadSelectorInclude(include=["deep", '"a.b"', "diet"]),
    "exclude": models.PayloadSelectorExclude(exclude=["deep.b", "diet[].likes", "city"]),
}


@pytest.mark.parametrize("asked", SELECTORS.values(), ids=SELECTORS)
def test_a_selector_shows_the_same_part_of_the_payload(pair, asked):
    clients, name = pair
    ours, theirs = [client.scroll(name, limit=100, with_payload=asked)[0] for client in clients]
    assert [point.payload for point in ours] == [point.payload for point in theirs]


def test_diverse_results_are_the_same(pair):
    clients, name = pair
    mmr = models.NearestQuery(nearest=QUERY, mmr=models.Mmr(diversity=0.6, candidates_limit=9))
    if name == "pair-euclid":
        return refused(lambda: clients[0].query_points(name, query=mmr), 400, "mmr", "Cosine")
    found = [client.query_points(name, query=mmr, limit=5).points for client in clients]
    ours, theirs = [[point.id for point in points] for points in found]
    assert ours == theirs and len(ours) == 5


def test_groups_facets_and_orders_are_the_same(pair):
    clients, name = pair

    def told(client):
        groups = client.query_points_groups(name, query=QUERY, group_by="city", limit=3, group_size=2).groups
        facet = client.facet(name, key="city").hits
        orders = [
            client.scroll(name, order_by=models.OrderBy(key=key, direction=way, start_from=start), limit=6)[0]
            for key, way, start in [("n", "asc", None), ("n", "desc", 3), ("at", "asc", None)]
        ]
        return (
            [(group.id, [hit.id for hit in group.hits]) for group in groups],
            [(hit.value, hit.count) for hit in facet],
            [[(point.id, point.order_value) for point in order] for order in orders],
        )

    ours, theirs = [told(client) for client in clients]
    assert ours == theirs


def test_pages_of_a_scroll_hold_every_point_once(pair):
    clients, name = pair
    seen, following = [], None
    while True:
        page, following = clients[0].scroll(name, limit=5, offset=following, with_payload=False)
        seen += [point.id for point in page]
        if following is None:
            break
    assert seen == [point.id for point in points()]


@pytest.fixture
def name(client):
    name = f"own-{uuid.uuid4()}"
    yield name
    client.delete_collection(name)


def make(client, name, **options):
    params = models.VectorParams(size=SIZE, distance=models.Distance.COSINE)
    assert client.create_collection(name, vectors_config=params, **options)


def test_a_collection_is_made_shown_and_deleted(client, name):
    assert not client.collection_exists(name)
    make(
        client,
        name,
        hnsw_config=models.HnswConfigDiff(m=32, ef_construct=200),
        quantization_config=models.ScalarQuantization(scalar=models.ScalarQuantizationConfig(type="int8")),
        optimizers_config=models.OptimizersConfigDiff(indexing_threshold=0),
        metadata={"owner": "me"},
    )
    assert client.collection_exists(name)
    assert name in [collection.name for collection in client.get_collections().collections]
    client.upsert(name, points(), wait=True)
    client.create_payload_index(name, "city", models.PayloadSchemaType.KEYWORD)
    assert client.update_collection(name, metadata={"more": 1})
    info = client.get_collection(name)
    assert info.points_count == len(points()) and info.status == models.CollectionStatus.GREEN
    assert info.config.params.vectors.size == SIZE
    assert (info.config.hnsw_config.m, info.config.hnsw_config.ef_construct) == (32, 200)
    assert info.config.metadata == {"owner": "me", "more": 1}
    assert info.payload_schema["city"].data_type == models.PayloadSchemaType.KEYWORD
    assert info.payload_schema["city"].points == 4
    client.delete_payload_index(name, "city")
    assert client.get_collection(name).payload_schema == {}
    assert client.get_aliases().aliases == [] and client.get_collection_aliases(name).aliases == []
    assert client.delete_collection(name)
    assert not client.collection_exists(name) and not client.delete_collection(name)


def test_points_are_kept_as_they_were_given(client, name):
    make(client, name)
    batch = models.Batch(ids=[1, UUID], vectors=vectors(2), payloads=[{"a": {"b": [1, None, "é"]}}, {}])
    assert client.upsert(name, batch).status == models.UpdateStatus.COMPLETED
    big = 2**64 - 1
    late = client.upsert(name, [models.PointStruct(id=big, vector=vectors(1)[0])], wait=False)
    assert late.status == models.UpdateStatus.ACKNOWLEDGED
    found = client.retrieve(name, [UUID, 1, 5, big], with_vectors=True)
    assert [point.id for point in found] == [UUID, 1, big]
    assert [point.payload for point in found] == [{}, {"a": {"b": [1, None, "é"]}}, {}]
    length = sum(number * number for number in found[1].vector) ** 0.5
    assert length == pytest.approx(1, abs=1e-6), "vectors that are compared by their cosine come back normalized"


def test_what_is_changed_in_part_changes_nothing_else(client, name):
    make(client, name)
    local = QdrantClient(":memory:")
    make(local, name)
    told = []
    for each in (client, local):
        each.upsert(name, points())
        each.set_payload(name, {"x": 1}, points=[1, 2])
        each.set_payload(name, {"y": 2}, points=models.Filter(must=[match("city", "Berlin")]))
        each.set_payload(name, {"z": 3}, points=[7], key="deep.inner")
        each.overwrite_payload(name, {"only": True}, points=[4])
        each.delete_payload(name, keys=["tags", "deep.b"], points=[1, 3, 7])
        each.clear_payload(name, points_selector=[5])
        each.update_vectors(name, [models.PointVectors(id=6, vector=QUERY)])
        each.delete(name, points_selector=[2, 99])
        each.delete(name, points_selector=models.FilterSelector(filter=models.Filter(must=[match("n", 10)])))
        each.batch_update_points(
            name,
            [
                models.UpsertOperation(
                    upsert=models.PointsList(points=[models.PointStruct(id=70, vector=OTHER, payload={"new": 1})])
                ),
                models.SetPayloadOperation(set_payload=models.SetPayload(payload={"set": 1}, points=[70])),
                models.DeleteOperation(delete=models.PointIdsList(points=[10])),
            ],
        )
        kept = each.scroll(name, limit=100, with_vectors=True)[0]
        told.append({point.id: (point.payload, pytest.approx(point.vector, abs=1e-6)) for point in kept})
    ours, theirs = told
    assert list(ours) == list(theirs)
    for id, (payload, vector) in ours.items():
        assert payload == theirs[id][0], id
        assert theirs[id][1] == vector.expected, id


def test_a_collection_with_one_named_vector(client, name):
    client.create_collection(name, vectors_config={"dense": models.VectorParams(size=SIZE, distance="Dot")})
    client.upsert(name, [models.PointStruct(id=1, vector={"dense": QUERY})])
    found = client.query_points(name, query=QUERY, using="dense", with_vectors=True).points
    assert found[0].id == 1 and found[0].vector["dense"] == pytest.approx(QUERY, abs=1e-6)
    assert client.get_collection(name).config.params.vectors["dense"].size == SIZE
    refused(lambda: client.query_points(name, query=QUERY, using="other"), 400, "dense")


def test_keywords_are_found_by_bm25_and_fused_with_vectors(client, name):
    make(client, name)
    client.upsert(name, points())
    text = models.TextQuery(text="quick fox")
    refused(lambda: client.query_points(name, query=text, using="text"), 400, "text index")
    client.create_payload_index(name, "text", models.TextIndexParams(type="text", scoring=True))
    found = client.query_points(name, query=text, using="text").points
    assert [point.id for point in found][0] == 3 and {point.id for point in found} == {3, 4, 5}
    assert found[0].score > found[1].score > 0
    fused = client.query_points(
        name,
        query=models.FusionQuery(fusion=models.Fusion.RRF),
        prefetch=[models.Prefetch(query=QUERY, limit=3), models.Prefetch(query=text, using="text", limit=3)],
        limit=10,
    )
    near = {point.id for point in client.query_points(name, query=QUERY, limit=3).points}
    assert {point.id for point in fused.points} == near | {3, 4, 5}


def test_documents_are_embedded_by_the_gateways_own_model(gateway, name):
    client = connect(gateway, cloud_inference=True)
    client.create_collection(name, vectors_config=models.VectorParams(size=384, distance="Cosine"))
    model = "sentence-transformers/all-MiniLM-L6-v2"
    texts = ["Cats purr when they are content.", "The compiler rejects this program."]
    client.upsert(
        name,
        [models.PointStruct(id=id, vector=models.Document(text=text, model=model)) for id, text in enumerate(texts)],
    )
    ask = models.Document(text="What do happy kittens do?", model=model)
    assert [point.id for point in client.query_points(name, query=ask).points] == [0, 1]
    unknown = models.Document(text="a", model="nobody/knows")
    refused(lambda: client.query_points(name, query=unknown), 404, EMBEDDER)
    client.close()


def refused(ask, status, *words):
    with pytest.raises(UnexpectedResponse) as error:
        ask()
    assert error.value.status_code == status, error.value
    told = error.value.structured()["status"]["error"]
    for word in words:
        assert word in told, told


def test_a_refusal_says_what_to_do(client, name):
    make(client, name)
    ask = client.query_points
    refused(lambda: make(client, name), 409, "already exists")
    refused(lambda: client.get_collection("nothing"), 404, "nothing", "Create it first")
    refused(lambda: client.upsert(name, [models.PointStruct(id=1, vector=[1.0])]), 400, "8 numbers", "has 1")
    refused(lambda: ask(name, query=[1.0]), 400, "8 numbers")
    refused(lambda: ask(name, query=77), 404, "77")
    refused(lambda: client.set_payload(name, {"a": 1}, points=[77]), 404, "77")
    near = models.GeoRadius(center=models.GeoPoint(lon=1, lat=1), radius=5)
    refused(lambda: client.count(name, models.Filter(must=[field("at", geo_radius=near)])), 400, "geo_radius", "places")
    refused(lambda: ask(name, query=models.FusionQuery(fusion="dbsf"), prefetch=HYBRID), 400, "query.fusion", "rrf")
    refused(lambda: ask(name, query=models.SparseVector(indices=[1], values=[1.0])), 400, "sparse")
    refused(lambda: ask(name, query=[QUERY, QUERY]), 400, "no list of them")
    more = {"one": models.VectorParams(size=2, distance="Dot"), "two": models.VectorParams(size=2, distance="Dot")}
    refused(lambda: client.create_collection("more", vectors_config=more), 400, "vectors", "one vector")
    manhattan = models.VectorParams(size=2, distance="Manhattan")
    refused(lambda: client.create_collection("more", vectors_config=manhattan), 400, "Euclid")
    sparse = {"s": models.SparseVectorParams()}
    refused(lambda: client.create_collection("more", sparse_vectors_config=sparse), 400, "sparse_vectors")
    refused(lambda: client.create_snapshot(name), 400, "snapshots")
    alias = models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name=name, alias_name="a"))
    refused(lambda: client.update_collection_aliases([alias]), 400, "no aliases")
    refused(lambda: client.delete_vectors(name, [""], [1]), 400, "Delete the point")


def test_only_who_has_a_key_gets_in(gateway):
    for key in ("gw-wrong", None):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stranger = QdrantClient(url=gateway.root, api_key=key)
        refused(stranger.get_collections, 401, "api-key")
        stranger.close()


def test_the_client_takes_the_gateway_for_a_server_of_its_own_version(gateway):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        client = connect(gateway)
        assert client.info().version.startswith("1.20.")
        # The check runs beside; it has had its answer when this client has had two.
        client.get_collections()
        client.close()
    assert not [warning for warning in told if "version" in str(warning.message)]


def test_the_async_client(gateway, name):
    async def use():
        client = connect(gateway, AsyncQdrantClient)
        await client.create_collection(name, vectors_config=models.VectorParams(size=SIZE, distance="Cosine"))
        await client.upsert(name, points())
        requests = [models.QueryRequest(query=QUERY, limit=2), models.QueryRequest(query=OTHER, limit=3)]
        found = await client.query_batch_points(name, requests)
        assert [len(answer.points) for answer in found] == [2, 3]
        await client.close()

    asyncio.run(use())


def test_points_are_uploaded_in_batches(client, name):
    make(client, name)
    client.upload_collection(name, vectors=vectors(500), ids=range(500), batch_size=64, wait=True)
    assert client.count(name).count == 500
