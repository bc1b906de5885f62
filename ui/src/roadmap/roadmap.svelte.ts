// The roadmap, read when its screen opens.

import { backend, problemOf, type Problem, type Resource, type Roadmap } from '../backend/backend';

export type View = 'milestones' | 'skills' | 'resources';

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
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((each) => {
    const text = `${each.title} ${each.publisher} ${each.kind} ${each.level} ${each.take}`.toLowerCase();
    return (skill === '' || each.skills.includes(skill)) && words.every((word) => text.includes(word));
  });
}
