// The Models screen: what is here or could be, what is served by which names, and the work under way. It outlives the
// screen, so that a download goes on while the learner looks elsewhere. The header shows the device.

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
import { Works } from '../shell/works.svelte';

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

  #work = new Works('models', () => void this.load());
  /** Long work, by the model that it brings or measures. */
  readonly works = this.#work.running;
  /** Why the last work on a model came to nothing. */
  readonly failed = this.#work.failed;

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
    this.#work.start(NEW, backend().importModel(file, name, link));
  fetch = (address: string, name: string | null, sha256: string | null) =>
    this.#work.start(NEW, backend().downloadModel(address, name, sha256));

  download = (id: string) => notices.watch(this.#work.start(id, backend().downloadModel(id, null, null)));
  measure = (id: string) => notices.watch(this.#work.start(id, backend().measureModel(id)));
  use = (id: string) => notices.watch(this.#change(backend().useModel(id)));
  remove = (id: string) => notices.watch(this.#change(backend().removeModel(id)));

  serve = (deployment: NewDeployment) => this.#change(backend().addDeployment(deployment));
  withdraw = (name: string) => notices.watch(this.#change(backend().removeDeployment(name)));

  async #change(changing: Promise<null>): Promise<void> {
    await changing;
    await this.load();
  }

  /** As when the window opens. */
  reset(): void {
    [this.models, this.deployments, this.used, this.problem] = [null, null, [], null];
    this.#work.clear();
  }
}

export const models = new ModelsStore();
