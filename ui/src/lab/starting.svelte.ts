// Labs that are being started. Kept outside the screen, so that leaving it and coming back shows the same progress.

import { SvelteMap } from 'svelte/reactivity';

import { backend } from '../backend/backend';
import { tellElsewhere } from '../shell/elsewhere';
import { tasks, type Task } from '../shell/tasks.svelte';

class Starting {
  #tasks = new SvelteMap<string, Task>();

  of(slug: string): Task | null {
    return this.#tasks.get(slug) ?? null;
  }

  async start(slug: string): Promise<void> {
    const task = tasks.of(await backend().startLab(slug));
    this.#tasks.set(slug, task);
    void task.ended.then(() => tellElsewhere(task, 'lab', slug));
  }

  clear(slug: string): void {
    const task = this.#tasks.get(slug);
    if (task) tasks.forget(task);
    this.#tasks.delete(slug);
  }
}

export const starting = new Starting();
