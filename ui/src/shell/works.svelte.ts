// The long work that a screen has begun, by a name of its own. It outlives the screen, so that it goes on while the learner
// looks elsewhere.

import { SvelteMap } from 'svelte/reactivity';

import type { Problem } from '../backend/backend';
import { notices } from '../components/notices.svelte';
import { tellElsewhere } from './elsewhere';
import type { Screen } from './route.svelte';
import { tasks, type Task } from './tasks.svelte';

export class Works {
  readonly running = new SvelteMap<string, Task>();
  /** Why the last work of a name came to nothing. */
  readonly failed = new SvelteMap<string, Problem>();

  /** `after` runs at the end of each. */
  constructor(
    readonly screen: Screen,
    readonly after: () => void,
  ) {}

  /** Resolves once the work has begun. */
  async start(name: string, starting: Promise<number>): Promise<void> {
    this.failed.delete(name);
    const task = tasks.of(await starting);
    this.running.set(name, task);
    void task.ended.then(() => this.#end(name, task));
  }

  #end(name: string, task: Task): void {
    this.running.delete(name);
    if (task.problem && task.state === 'failed') this.failed.set(name, task.problem);
    const last = task.output.at(-1);
    if (!tellElsewhere(task, this.screen) && last !== undefined && task.state === 'finished')
      notices.done(task.title, last);
    tasks.forget(task);
    this.after();
  }

  clear(): void {
    this.running.clear();
    this.failed.clear();
  }
}
