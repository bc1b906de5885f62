// The scripted product's collections: a handbook of three hundred points in four corners, and one of foreign vectors.

import type { Collection, Comparison, IndexChange, Layout, Neighbour, Plane, Problem, Stand } from '../bindings.gen';

const TEAMS = ['storage', 'network', 'identity', 'billing'];

const index = { connectivity: 24, expansionOfBuild: 56, expansion: 64, bytes: 0, comparedUpTo: 1000 };

export function handbook(): Collection {
  return {
    name: 'handbook',
    dimension: 384,
    metric: 'cosine',
    model: 'all-minilm-l6-v2',
    points: 300,
    namespaces: [{ name: '', points: 300 }],
    behind: null,
    delayMillis: 0,
    bytes: 1_240_000,
    index: { ...index },
  };
}

export function collections(): Collection[] {
  return [
    handbook(),
    {
      name: 'tickets',
      dimension: 1536,
      metric: 'dot',
      model: null,
      points: 52_000,
      namespaces: [
        { name: 'archive', points: 50_000 },
        { name: 'open', points: 2000 },
      ],
      behind: 1200,
      delayMillis: 0,
      bytes: 412_000_000,
      index: { ...index, bytes: 96_000_000 },
    },
  ];
}

export const taken: Problem = {
  code: 'retrieval.exists',
  message: 'There is a collection "handbook" already.',
  nextStep: 'Use it, or choose another name.',
  owner: 'learner',
};

export const unreadable: Problem = {
  code: 'collections.folder',
  message: '/nowhere cannot be read: no such file or directory.',
  nextStep: 'Name a folder or a file that is there.',
  owner: 'learner',
};

/** The same numbers each time. */
function wobble(seed: number): number {
  return Math.sin(seed * 12.9898) * 0.5 + Math.sin(seed * 78.233) * 0.5;
}

export function plane(points: number, layout: Layout, field: string | null): Plane {
  const shown = Math.min(points, 50_000);
  const far = layout === 'directions' ? 4200 : 6600;
  const ids = Array.from({ length: shown }, (_, at) => `${TEAMS[at % 4]}-${Math.floor(at / 4)}`);
  const corner = (at: number, axis: number) =>
    ([
      [-1, -1],
      [1, -1],
      [-1, 1],
      [1, 1],
    ][at % 4]?.[axis] ?? 0) * far;
  return {
    ids,
    x: ids.map((_, at) => Math.round(corner(at, 0) + 3000 * wobble(at + 1))),
    y: ids.map((_, at) => Math.round(corner(at, 1) + 3000 * wobble(at + 0.5))),
    points,
    shares: layout === 'directions' ? [0.214, 0.087] : null,
    stale: false,
    fields: ['team'],
    groups: field === null ? [] : TEAMS.map((name) => ({ name, points: shown / 4 })),
    groupOf: field === null ? [] : ids.map((_, at) => at % 4),
  };
}

export function neighbours(limit: number, from: string | null): Neighbour[] {
  const found = Array.from({ length: 12 }, (_, at) => `storage-${at}`).filter((id) => id !== from);
  const ids = from === null ? found : [from, ...found.slice(1)];
  return ids.slice(0, limit).map((id, at) => ({
    id,
    score: 0.8123 - at * 0.031,
    payload: JSON.stringify({
      source: `runbooks/restore-${at}.md`,
      lines: [4 + at, 19 + at],
      team: 'storage',
      text: 'Ask the on-call engineer for the key, then run the restore job in the recovery account. Watch the queue: it must fall within ten minutes, or the copy is the wrong one.',
    }),
  }));
}

export function stands(): Stand[] {
  const rows: [number | null, number, number, number][] = [
    [16, 0.871, 0.09, 0.14],
    [32, 0.942, 0.13, 0.2],
    [64, 0.981, 0.21, 0.31],
    [128, 0.994, 0.37, 0.52],
    [256, 0.999, 0.7, 0.98],
    [512, 1, 1.32, 1.77],
    [null, 1, 11.4, 13.2],
  ];
  return rows.map(([expansion, recall, p50Millis, p95Millis]) => ({ expansion, recall, p50Millis, p95Millis }));
}

export function changed(collection: Collection, change: IndexChange): Collection {
  const { index } = collection;
  return {
    ...collection,
    index: {
      ...index,
      connectivity: change.connectivity ?? index.connectivity,
      expansionOfBuild: change.expansionOfBuild ?? index.expansionOfBuild,
      expansion: change.expansion ?? index.expansion,
    },
  };
}

export function comparison(filtered: boolean): Comparison {
  const figures = (recall: number, p50Millis: number, build: number, memory: number | null) => ({
    recall,
    p50Millis,
    p95Millis: p50Millis * 1.4,
    loadSeconds: build / 2,
    buildSeconds: build,
    memoryBytes: memory,
    diskBytes: memory === null ? null : memory * 2,
  });
  const parts = { recall: 1, latency: 1, build: 0.8, space: 0.9, operations: 1 };
  return {
    collection: 'handbook',
    namespace: '',
    conditions: filtered ? [['team', 'storage']] : [],
    points: 300,
    compared: 300,
    matching: filtered ? 75 : 300,
    questions: 100,
    contenders: [
      {
        name: 'index',
        what: 'the collection as it is searched here',
        operations: 'nothing to run',
        figures: figures(0.998, 0.09, 0.2, 1_200_000),
        problem: null,
        leftBehind: null,
      },
      {
        name: 'exact',
        what: 'every vector compared',
        operations: 'nothing to run',
        figures: figures(1, 0.31, 0, 480_000),
        problem: null,
        leftBehind: null,
      },
      {
        name: 'qdrant',
        what: 'http://127.0.0.1:6333',
        operations: 'one server to run',
        figures: null,
        problem: {
          code: 'selection.unreachable',
          message: 'http://127.0.0.1:6333 cannot be reached.',
          nextStep: 'Start Qdrant there, or name another address.',
          owner: 'learner',
        },
        leftBehind: null,
      },
    ],
    recommendation: {
      best: 'index',
      standings: [
        { name: 'index', score: 0.96, parts },
        { name: 'exact', score: 0.82, parts: { ...parts, latency: 0.3 } },
      ],
      reasons: ['It finds 99.8% of the ten nearest and answers 95 of 100 questions within 0.13 ms.'],
      wouldChange: ['More than one machine has to write: then a server is needed.'],
      weights: { recall: 0.35, latency: 0.25, build: 0.1, space: 0.1, operations: 0.2 },
    },
  };
}
