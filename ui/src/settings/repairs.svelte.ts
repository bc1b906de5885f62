// What the doctor has mended.

import { backend, type Problem, type Repair } from '../backend/backend';
import { notices } from '../components/notices.svelte';
import type { Task } from '../shell/tasks.svelte';
import { Works } from '../shell/works.svelte';

const named = (repair: Repair) => JSON.stringify(repair);

class Repairs {
  #works = new Works('settings', () => (this.ended += 1));
  /** How many have come to their end: the doctor looks again after each. */
  ended = $state(0);

  /** The work under way. */
  of(repair: Repair): Task | null {
    return this.#works.running.get(named(repair)) ?? null;
  }

  /** Why it came to nothing the last time. */
  failed(repair: Repair): Problem | null {
    return this.#works.failed.get(named(repair)) ?? null;
  }

  begin = (repair: Repair) => notices.watch(this.#works.start(named(repair), backend().repair(repair)));

  /** As when the window opens. */
  reset(): void {
    this.#works.clear();
  }
}

export const repairs = new Repairs();
