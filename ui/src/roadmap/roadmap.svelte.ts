// The roadmap, read when its screen opens.

import { backend, problemOf, type AtlasRow, type Problem, type Resource, type Roadmap } from '../backend/backend';

export type View = 'milestones' | 'skills' | 'priorities' | 'atlas' | 'resources';

export class RoadmapStore {
  roadmap = $state<Roadmap | null>(null);
  problem = $state<Problem | null>(null);

  async load(): Promise<void> {
    try {
      this.roadmap = await backend().roadmap();
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }
}

/** Those of a skill that have every typed word somewhere; of all skills where none is chosen. */
export function sought(all: Resource[], skill: string, typed: string): Resource[] {
  const about = all.filter((each) => skill === '' || each.skills.includes(skill));
  return having(about, typed, ({ title, publisher, kind, level, take }) => [title, publisher, kind, level, take]);
}

/** Rows that have every typed word somewhere. */
export function mapped(all: AtlasRow[], typed: string): AtlasRow[] {
  return having(all, typed, ({ topic, concept, here, azure, aws, lab }) => [
    ...[topic, concept, here, azure, aws],
    ...[lab.title, lab.slug],
  ]);
}

/** Those whose texts have every typed word somewhere. */
function having<Each>(all: Each[], typed: string, texts: (each: Each) => string[]): Each[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((each) => {
    const text = texts(each).join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
