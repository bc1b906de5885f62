// The scripted product's snapshots.

import type { Snapshot } from '../bindings.gen';

function snapshot(id: string, at: string, reason: Snapshot['reason'], files: [string, number][]): Snapshot {
  return {
    id,
    at,
    reason,
    labVersion: 1,
    whole: ['reset', 'update', 'restore'].includes(reason),
    files: files.map(([path, bytes]) => ({ path, bytes })),
    bytes: files.reduce((sum, [, bytes]) => sum + bytes, 0),
  };
}

const work: [string, number][] = [
  ['hello.py', 84],
  ['measurements.json', 1902],
  ['notes.md', 2210],
  ['service.py', 1740],
  ['settings.json', 61],
];

/** The newest first; none where nothing was ever replaced. */
export function snapshots(some: boolean): Snapshot[] {
  if (!some) return [];
  return [
    snapshot('2026-03-02T09-15-00Z', '2026-03-02T09:15:00Z', 'reset', work),
    snapshot('2026-03-01T20-02-11Z', '2026-03-01T20:02:11Z', 'fixed', [['requirements.txt', 410]]),
  ];
}

/** Makes one more and answers with its name. */
export function keep(list: Snapshot[], reason: Snapshot['reason']): string {
  const at = new Date().toISOString();
  const id = `${at.slice(0, 19).replaceAll(':', '-')}Z-${list.length}`;
  list.unshift(snapshot(id, at, reason, work));
  return id;
}
