// What to show of a payload, whoever wrote it: our own chunks have `source`, `text` and where in the source they stand.

import type { Neighbour } from '../backend/backend';

export interface Shown {
  title: string;
  /** `lines 4–17`. */
  place: string;
  text: string;
  /** What is not shown already, as JSON where it is not a text. */
  fields: [string, string][];
}

export function payloadOf({ id, payload }: Neighbour): Shown {
  const fields = JSON.parse(payload) as Record<string, unknown>;
  const word = (key: string) => (typeof fields[key] === 'string' ? fields[key] : '');
  const range = ['lines', 'pages', 'rows'].find((key) => Array.isArray(fields[key]));
  const [from, to] = range ? (fields[range] as unknown[]) : [];
  const used = new Set(['text', 'source', ...(range ? [range] : [])]);
  return {
    title: word('source') || word('title') || id,
    place: range
      ? from === to
        ? `${range.slice(0, -1)} ${String(from)}`
        : `${range} ${String(from)}–${String(to)}`
      : '',
    text: word('text'),
    fields: Object.entries(fields)
      .filter(([key]) => !used.has(key))
      .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  };
}
