// Made-up traces: a short one with an error, and one with more spans than fit on any screen.

import type { Span, SpanStatus, Trace, Traces, Waterfall } from '../bindings.gen';

const at = new Date(Date.now() - 60_000).toISOString();

function span(id: string, name: string, depth: number, offsetMs: number, millis: number, status: SpanStatus): Span {
  const attributes = [
    { name: 'gen_ai.request.model', value: 'smollm2-135m-instruct' },
    { name: 'gen_ai.usage.output_tokens', value: '37' },
  ];
  return { id, name, service: 'orientation', depth, offsetMs, millis, status, attributes };
}

const short: Span[] = [
  span('a1', 'POST /ask', 0, 0, 982, 'unset'),
  span('a2', 'retrieve', 1, 4, 31, 'ok'),
  span('a3', 'chat smollm2-135m-instruct', 1, 40, 410, 'error'),
  span('a4', 'HTTP POST', 2, 42, 405, 'error'),
  span('a5', 'chat smollm2-135m-instruct', 1, 460, 515, 'ok'),
];

const long: Span[] = Array.from({ length: 1000 }, (_, index) =>
  span(`b${index}`, index === 0 ? 'ingest' : `chunk ${index}`, index === 0 ? 0 : 1, index * 2, 2, 'ok'),
);

const list: Trace[] = [
  { id: 'a', name: 'POST /ask', service: 'orientation', at, millis: 982, spans: 5, errors: 2 },
  { id: 'b', name: 'ingest', service: 'orientation', at, millis: 2000, spans: 10_000, errors: 0 },
];

export function traces(): Traces {
  return { traces: list, more: 0, dropped: 120 };
}

export function trace(id: string): Waterfall | null {
  const found = list.find((each) => each.id === id);
  if (!found) return null;
  const spans = id === 'a' ? short : long;
  return { trace: found, spans, more: found.spans - spans.length };
}
