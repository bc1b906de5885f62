// The Models screen: what is here or could be, what is served by which names, and the work under way. It outlives the
// screen, so that a download goes on while the learner looks elsewhere. The header shows the device.

import { SvelteMap } from 'svelte/reactivity';

import {
  backend,
  problemOf,
  type Deployments,
  type Model,
  type Models,
  type NewDeployment,
  type Problem,
  type Used,
} from '../backend/backend';
import { notices } from '../components/notices.svelte';
import { tellElsewhere } from '../shell/elsewhere';
import { tasks, type Task } from '../shell/tasks.svelte';

/** In place of a model's name while a file is on its way to become one. */
export const NEW = '';

/** Writes text, and nothing is wrong with it. */
export function writes(model: Model): boolean {
  return model.kind === 'text' && model.file !== null && !model.problem;
}

/** What the learner calls a model of theirs, or what its makers call it. */
export function nameOf(model: Model): string {
  return model.origin === 'own' ? model.id : model.title;
}

class ModelsStore {
  models = $state<Models | null>(null);
  deployments = $state<Deployments | null>(null);
  used = $state<Used[]>([]);
  problem = $state<Problem | null>(null);

  /** Long work, by the model that it brings or measures. */
  readonly works = new SvelteMap<string, Task>();
  /** Why the last work on a model came to nothing. */
  readonly failed = new SvelteMap<string, Problem>();

  /** What the header shows. */
  async look(): Promise<void> {
    try {
      this.models = await backend().models();
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  async load(): Promise<void> {
    await this.look();
    try {
      [this.deployments, this.used] = await Promise.all([backend().deployments(), backend().usage()]);
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  /** Resolves once the work has begun. */
  import = (file: string, name: string | null, link: boolean) =>
    this.#start(NEW, backend().importModel(file, name, link));
  fetch = (address: string, name: string | null, sha256: string | null) =>
    this.#start(NEW, backend().downloadModel(address, name, sha256));

  download = (id: string) => notices.watch(this.#start(id, backend().downloadModel(id, null, null)));
  measure = (id: string) => notices.watch(this.#start(id, backend().measureModel(id)));
  use = (id: string) => notices.watch(this.#change(backend().useModel(id)));
  remove = (id: string) => notices.watch(this.#change(backend().removeModel(id)));

  serve = (deployment: NewDeployment) => this.#change(backend().addDeployment(deployment));
  withdraw = (name: string) => notices.watch(this.#change(backend().removeDeployment(name)));

  async #start(id: string, starting: Promise<number>): Promise<void> {
    this.failed.delete(id);
    const task = tasks.of(await starting);
    this.works.set(id, task);
    void task.ended.then(() => this.ended(id, task));
  }

  async #change(changing: Promise<null>): Promise<void> {
    await changing;
    await this.load();
  }

  async ended(id: string, task: Task): Promise<void> {
    this.works.delete(id);
    if (task.problem && task.state === 'failed') this.failed.set(id, task.problem);
    const last = task.output.at(-1);
    if (!tellElsewhere(task, 'models') && last !== undefined && task.state === 'finished')
      notices.done(task.title, last);
    tasks.forget(task);
    await this.load();
  }

  /** As when the window opens. */
  reset(): void {
    [this.models, this.deployments, this.used, this.problem] = [null, null, [], null];
    this.works.clear();
    this.failed.clear();
  }
}

export const models = new ModelsStore();
