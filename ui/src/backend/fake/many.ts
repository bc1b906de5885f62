// Ten thousand rows for each list that has no bound of its own.

import type { Entry, Image, Leftover } from '../bindings.gen';

const MANY = 10_000;

const each = <Row>(row: (at: number) => Row): Row[] => Array.from({ length: MANY }, (_, at) => row(at));

export const entries = (lab: string): Entry[] =>
  each((at) => ({
    lab,
    at: new Date(Date.UTC(2026, 2, 2) + at * 60_000).toISOString(),
    sort: 'community',
    title: `Community ${at}`,
    text: 'They build gateways there too. '.repeat(1 + (at % 4)).trim(),
    url: `https://example.org/communities/${at}`,
  }));

export const images = (): Image[] =>
  each((at) => ({
    id: `sha256:${at}`,
    names: [`groundwork-check-${at}:latest`],
    bytes: 301_000_000 + at,
    created: 1_795_000_000 + at,
    ours: true,
  }));

export const leftovers = (): Leftover[] =>
  each((at) => ({ kind: 'image', id: `${at}`, name: `groundwork-check-${at}:latest`, bytes: 301_000_000 + at }));

/** What a run says of each document that it cannot read. With its last line these are as many as a task keeps. */
export const unread = (): string[] => each((at) => `scan-${at}.pdf holds no text: its pages are pictures.`).slice(1);
