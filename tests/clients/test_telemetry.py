"""Spans from the stock exporter, set up by the environment alone as a lab's activation file does it."""

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode


@pytest.fixture(params=["none", "gzip"])
def tracer(gateway, monkeypatch, request):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", gateway.root)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"api-key={gateway.key}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", request.param)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "rag")
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    yield provider.get_tracer(__name__)
    provider.shutdown()


def kept(gateway, trace):
    """The spans of one trace that the gateway keeps, by name."""
    answer = httpx.get(
        f"{gateway.root}/groundwork/spans",
        params={"since": "1970-01-01T00:00:00Z"},
        headers={"Authorization": f"Bearer {gateway.key}"},
    )
    assert answer.status_code == 200
    spans = [span for span in answer.json()["spans"] if span["trace"] == trace]
    return {span["name"]: span for span in spans}


def test_a_trace_arrives_whole(gateway, tracer):
    with tracer.start_as_current_span("POST /ask") as ask:
        with tracer.start_as_current_span("retrieve", attributes={"top_k": 3, "hybrid": True}):
            pass
        attributes = {"gen_ai.operation.name": "chat", "gen_ai.usage.input_tokens": 12}
        with tracer.start_as_current_span("chat smollm2", attributes=attributes) as chat:
            chat.set_status(Status(StatusCode.ERROR, "no answer"))
    assert tracer.span_processor.force_flush()

    context = ask.get_span_context()
    spans = kept(gateway, f"{context.trace_id:032x}")
    assert set(spans) == {"POST /ask", "retrieve", "chat smollm2"}
    assert spans["POST /ask"]["parent"] is None
    assert {spans[name]["parent"] for name in ("retrieve", "chat smollm2")} == {f"{context.span_id:016x}"}
    assert spans["retrieve"]["attributes"] == {"top_k": 3, "hybrid": True}
    assert spans["chat smollm2"]["attributes"] == attributes
    assert [spans[name]["status"] for name in ("retrieve", "chat smollm2")] == ["unset", "error"]


def test_two_hundred_spans_come_in_their_batches(gateway, tracer):
    with tracer.start_as_current_span("load") as load:
        for number in range(199):
            with tracer.start_as_current_span(f"call {number}"):
                pass
    assert tracer.span_processor.force_flush()
    assert len(kept(gateway, f"{load.get_span_context().trace_id:032x}")) == 200
