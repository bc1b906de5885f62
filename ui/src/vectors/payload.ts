// What to show of a payload, whoever wrote it: our own chunks have `source`, `text` and where in the source they stand.

import type { Neighbour } from '../backend/backend';
import { t } from '../language/language';

export interface Shown {
  title: string;
  /** `lines 4–17`. */
  place: string;
  text: string;
  /** What is not shown already, as JSON where it is not a text. */
  fields: [string, string][];
}

const ONE = { lines: 'line', pages: 'page', rows: 'row' } as const;

function placeOf(range: keyof typeof ONE, from: string, to: string): string {
  return from === to ? t(`found.${ONE[range]}`, { at: from }) : t(`found.${range}`, { from, to });
}

export function payloadOf({ id, payload }: Neighbour): Shown {
  const fields = JSON.parse(payload) as Record<string, unknown>;
  const word = (key: string) => (typeof fields[key] === 'string' ? fields[key] : '');
  const range = (['lines', 'pages', 'rows'] as const).find((key) => Array.isArray(fields[key]));
  const [from, to] = range ? (fields[range] as unknown[]).map(String) : [];
  const used = new Set(['text', 'source', ...(range ? [range] : [])]);
  return {
    title: word('source') || word('title') || id,
    place: range ? placeOf(range, from ?? '', to ?? '') : '',
    text: word('text'),
    fields: Object.entries(fields)
      .filter(([key]) => !used.has(key))
      .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  };
}
