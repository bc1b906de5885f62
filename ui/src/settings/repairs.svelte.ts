// What the doctor has mended. It outlives the screen, so that a download goes on while the learner looks elsewhere.

import { SvelteMap } from 'svelte/reactivity';

import { backend, problemOf, type Problem, type Repair } from '../backend/backend';
import { notices } from '../components/notices.svelte';
import { tellElsewhere } from '../shell/elsewhere';
import { tasks, type Task } from '../shell/tasks.svelte';

const named = (repair: Repair) => JSON.stringify(repair);

class Repairs {
  #works = new SvelteMap<string, Task>();
  #failed = new SvelteMap<string, Problem>();
  /** How many have come to their end: the doctor looks again after each. */
  ended = $state(0);

  /** The work under way. */
  of(repair: Repair): Task | null {
    return this.#works.get(named(repair)) ?? null;
  }

  /** Why it came to nothing the last time. */
  failed(repair: Repair): Problem | null {
    return this.#failed.get(named(repair)) ?? null;
  }

  async begin(repair: Repair): Promise<void> {
    const name = named(repair);
    this.#failed.delete(name);
    try {
      const task = tasks.of(await backend().repair(repair));
      this.#works.set(name, task);
      void task.ended.then(() => this.#end(name, task));
    } catch (thrown) {
      notices.problem(problemOf(thrown));
    }
  }

  #end(name: string, task: Task): void {
    this.#works.delete(name);
    if (task.problem && task.state === 'failed') this.#failed.set(name, task.problem);
    const last = task.output.at(-1);
    if (!tellElsewhere(task, 'settings') && last !== undefined && task.state === 'finished')
      notices.done(task.title, last);
    tasks.forget(task);
    this.ended += 1;
  }

  /** As when the window opens. */
  reset(): void {
    this.#works.clear();
    this.#failed.clear();
  }
}

export const repairs = new Repairs();
