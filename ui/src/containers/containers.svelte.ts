// The Containers screen: what the engine has, what is looked at, and the work under way. It outlives the screen, so that a
// build goes on while the learner looks elsewhere.

import {
  backend,
  problemOf,
  type ContainerFile,
  type Engine,
  type Image,
  type ImageLayer,
  type Leftover,
  type Problem,
  type ServiceUsage,
  type Stack,
} from '../backend/backend';
import { notices } from '../components/notices.svelte';
import { t } from '../language/language';
import { tellElsewhere } from '../shell/elsewhere';
import { router } from '../shell/route.svelte';
import { tasks, type Task } from '../shell/tasks.svelte';

/** What is looked at. */
export type Choice =
  { of: 'stack'; name: string } | { of: 'file'; path: string } | { of: 'images' } | { of: 'leftovers' };

/** What a service took, look by look, the newest last. */
export interface History {
  cpus: number[];
  memory: number[];
  last: ServiceUsage;
}

/** Looks that are kept of a service: at one every three seconds, three minutes. */
const LOOKS = 60;

export function same(a: Choice | null, b: Choice): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The folder and the file, which tell a stack apart where its name does not. */
export function place(file: string): string {
  return file.split(/[\\/]/).slice(-2).join('/');
}

/** `3 of 3 running`; services that ended well have done their work. */
export function standing(stack: Stack): { words: string; tone: 'good' | 'bad' | 'none' } {
  const lasting = stack.services.filter((each) => !/^Exited \(0\)/.test(each.status));
  const running = lasting.filter((each) => each.state === 'running').length;
  if (running === 0) return { words: t('stack.stopped'), tone: 'none' };
  const sick = lasting.some((each) => each.status.includes('(unhealthy)') || each.state === 'restarting');
  const well = !sick && running === lasting.length;
  return { words: t('stack.running', { running, services: lasting.length }), tone: well ? 'good' : 'bad' };
}

function end(log: Task): void {
  if (log.state === 'running') void log.cancel().catch(() => null);
  tasks.forget(log);
}

class ContainersStore {
  engine = $state<Engine | null>(null);
  problem = $state<Problem | null>(null);
  stacks = $state<Stack[]>([]);
  images = $state.raw<Image[]>([]);
  files = $state<ContainerFile[]>([]);
  loaded = $state(false);

  choice = $state<Choice | null>(null);

  usage = $state.raw<Record<string, History>>({});
  #asking = false;

  log = $state<Task | null>(null);
  #listenings = 0;
  service = $state<string | null>(null);

  layers = $state.raw<ImageLayer[] | null>(null);
  layersOf = $state<string | null>(null);
  layersProblem = $state<Problem | null>(null);

  leftovers = $state.raw<Leftover[] | null>(null);
  leftoversProblem = $state<Problem | null>(null);

  /** A build, a stack on its way up or down, a clean-up. */
  work = $state<Task | null>(null);
  /** The work that ended last, with what it said. */
  last = $state<Task | null>(null);

  readonly stack = $derived.by(() => {
    const { choice } = this;
    return choice?.of === 'stack' ? (this.stacks.find((each) => each.name === choice.name) ?? null) : null;
  });

  readonly file = $derived.by(() => {
    const { choice } = this;
    return choice?.of === 'file' ? (this.files.find((each) => each.path === choice.path) ?? null) : null;
  });

  /** Compose files that nothing runs from, and Dockerfiles. */
  readonly idle = $derived(
    this.files.filter((file) => file.kind === 'dockerfile' || !this.stacks.some((stack) => stack.file === file.path)),
  );

  async load(): Promise<void> {
    const before = this.stack?.file;
    const { choice } = this;
    const silent = this.problem !== null;
    try {
      // Files are there with no engine, too.
      this.files = await backend().containerFiles();
      this.engine = await backend().engine();
      [this.stacks, this.images] = await Promise.all([backend().stacks(), backend().images()]);
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      [this.engine, this.stacks, this.images] = [null, [], []];
    }
    this.loaded = true;
    // What is looked at may be there again once the engine answers, and so may its log.
    if (this.problem) return;
    this.#settle(before);
    if (silent && this.stack && this.choice === choice && this.log?.state !== 'running') this.listen(this.service);
  }

  /** What was looked at may be gone; the file that a stack came from is there still. */
  #settle(before: string | undefined): void {
    const gone = (this.choice?.of === 'stack' && !this.stack) || (this.choice?.of === 'file' && !this.file);
    if (this.choice && !gone) return;
    const from = this.idle.find((file) => file.path === before);
    if (from) {
      this.choose({ of: 'file', path: from.path });
      return;
    }
    const [stack] = this.stacks;
    const [file] = this.idle;
    if (stack) this.choose({ of: 'stack', name: stack.name });
    else if (file) this.choose({ of: 'file', path: file.path });
    else this.choose({ of: 'images' });
  }

  choose(choice: Choice): void {
    if (same(this.choice, choice)) return;
    this.choice = choice;
    [this.usage, this.service] = [{}, null];
    [this.layers, this.layersOf, this.layersProblem] = [null, null, null];
    if (!this.work) this.last = null;
    this.listen();
    if (choice.of === 'leftovers') void this.find();
  }

  /** Follows the log of the stack that is looked at, of all services or of one. */
  listen(service: string | null = null): void {
    this.unlisten();
    this.service = service;
    const { choice } = this;
    if (choice?.of !== 'stack' || router.now.screen !== 'containers') return;
    const mine = this.#listenings;
    const question = { stack: choice.name, service, tail: 200, follow: true };
    backend()
      .stackLogs(question)
      .then((id) => {
        // Another one may be followed by now, or none.
        if (mine === this.#listenings) this.log = tasks.of(id);
        else end(tasks.of(id));
      })
      .catch((thrown: unknown) => {
        if (mine === this.#listenings) notices.problem(problemOf(thrown));
      });
  }

  unlisten(): void {
    this.#listenings += 1;
    if (this.log) end(this.log);
    this.log = null;
  }

  /** One look at what the services take. The engine measures for a second or two, so looks never overlap. */
  async measure(): Promise<void> {
    const { stack } = this;
    if (!stack || this.#asking || !stack.services.some((each) => each.state === 'running')) return;
    this.#asking = true;
    try {
      const now = await backend().stackUsage(stack.name);
      if (this.stack?.name !== stack.name) return;
      const next = { ...this.usage };
      for (const last of now) {
        const before = next[last.service];
        const add = (values: number[] | undefined, value: number | null) =>
          [...(values ?? []), value ?? 0].slice(-LOOKS);
        next[last.service] = { cpus: add(before?.cpus, last.cpus), memory: add(before?.memory, last.memory), last };
      }
      this.usage = next;
    } catch {
      // The list, which is asked for as often, says what is wrong with the engine.
    } finally {
      this.#asking = false;
    }
  }

  up = (file: string) => this.#start(backend().stackUp(file));
  stop = (stack: string) => this.#start(backend().stackStop(stack));
  down = (stack: string, volumes: boolean) => this.#start(backend().stackDown(stack, volumes));
  base = () => this.#start(backend().bringBaseImage(null));
  build = (file: ContainerFile, name: string, target: string) =>
    this.#start(
      backend().buildImage({
        name,
        folder: file.folder,
        dockerfile: file.path.slice(file.folder.length + 1),
        arguments: [],
        target: target.trim() === '' ? null : target.trim(),
      }),
    );
  clean = (leftovers: Leftover[]) => this.#start(backend().cleanUp(leftovers));

  async #start(starting: Promise<number>): Promise<void> {
    try {
      const task = tasks.of(await starting);
      [this.work, this.last] = [task, null];
      void task.ended.then(() => this.ended(task));
    } catch (thrown) {
      notices.problem(problemOf(thrown));
    }
  }

  async ended(task: Task): Promise<void> {
    [this.work, this.last] = [null, task];
    tasks.forget(task);
    tellElsewhere(task, 'containers');
    const before = this.file;
    await this.load();
    // A file that became a stack is looked at as that.
    const made = before && this.stacks.find((stack) => stack.file === before.path);
    if (made) this.choose({ of: 'stack', name: made.name });
    else if (this.stack) this.listen(this.service);
    if (this.choice?.of === 'leftovers') await this.find();
    this.last = task;
  }

  async look(image: string): Promise<void> {
    if (this.layersOf === image) {
      this.layersOf = null;
      return;
    }
    [this.layersOf, this.layers, this.layersProblem] = [image, null, null];
    try {
      const layers = await backend().imageLayers(image);
      if (this.layersOf === image) this.layers = layers;
    } catch (thrown) {
      if (this.layersOf === image) this.layersProblem = problemOf(thrown);
    }
  }

  async remove(image: string): Promise<void> {
    await backend().removeImage(image);
    await this.load();
  }

  async find(): Promise<void> {
    [this.leftovers, this.leftoversProblem] = [null, null];
    try {
      this.leftovers = await backend().leftovers();
    } catch (thrown) {
      this.leftoversProblem = problemOf(thrown);
    }
  }

  /** As a new window finds it. */
  reset(): void {
    this.unlisten();
    [this.engine, this.problem, this.stacks, this.images, this.files] = [null, null, [], [], []];
    [this.loaded, this.choice, this.usage, this.service] = [false, null, {}, null];
    [this.layers, this.layersOf, this.layersProblem, this.leftovers] = [null, null, null, null];
    [this.leftoversProblem, this.work, this.last] = [null, null, null];
  }
}

export const containers = new ContainersStore();
