// The Vectors screen: which collection is looked at, how, and what came of it. It outlives the screen, so that a layout or
// a measurement goes on while the learner looks elsewhere.

import {
  backend,
  problemOf,
  type Collection,
  type Comparison,
  type IndexChange,
  type Ingest,
  type Layout,
  type Neighbour,
  type NewCollection,
  type Plane,
  type Problem,
  type Sought,
  type Stand,
  type Unreadable,
} from '../backend/backend';
import { notices } from '../components/notices.svelte';
import { tellElsewhere } from '../shell/elsewhere';
import { tasks, type Task } from '../shell/tasks.svelte';

export type By = 'meaning' | 'words' | 'both';

/** Long work and what it is on, which need not be what is looked at by the time it ends. */
export interface Work {
  task: Task;
  collection: string;
  namespace: string;
}

/** How many results a question asks for where nothing else is said, and at most. */
const RESULTS = 10;
const MOST_RESULTS = 100;

/** `field=value, other=value`; `null` where a part is not written so. */
export function conditions(text: string): [string, string][] | null {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const pairs = parts.map((part): [string, string] => {
    const at = part.indexOf('=');
    return [part.slice(0, Math.max(at, 0)).trim(), part.slice(at + 1).trim()];
  });
  return pairs.every(([field]) => field !== '') ? pairs : null;
}

class VectorsStore {
  collections = $state<Collection[] | null>(null);
  unreadable = $state<Unreadable[]>([]);
  problem = $state<Problem | null>(null);

  name = $state<string | null>(null);
  namespace = $state('');

  layout = $state<Layout>('directions');
  field = $state<string | null>(null);
  plane = $state.raw<Plane | null>(null);
  planeProblem = $state<Problem | null>(null);
  drawing = $state(false);
  #drawings = 0;

  text = $state('');
  by = $state<By>('meaning');
  filter = $state('');
  /** `null` while the field is empty. */
  limit = $state<number | null>(RESULTS);
  /** The point to look around, as it is typed. */
  id = $state('');
  asking = $state(false);
  found = $state.raw<Neighbour[] | null>(null);
  /** How that was found, whatever is chosen by now. */
  foundBy = $state<Sought['by']>('meaning');
  foundProblem = $state<Problem | null>(null);
  /** The point whose neighbours are shown. */
  from = $state<string | null>(null);
  #questions = 0;

  stands = $state.raw<Stand[] | null>(null);

  /** What is to be compared with what; the addresses stay while the window is open. */
  comparing = $state({
    qdrant: '',
    pinecone: '',
    pgvector: '',
    /** Which of them are to run in a container instead of being at an address. */
    contained: { qdrant: false, pgvector: false },
    keyFile: '',
    filter: '',
    vectors: 20_000,
    weights: { recall: 0.35, latency: 0.25, build: 0.1, space: 0.1, operations: 0.2 },
  });
  comparison = $state.raw<Comparison | null>(null);

  work = $state.raw<Work | null>(null);
  workProblem = $state<Problem | null>(null);
  /** What it could not do, line by line: files that were not read. */
  said = $state.raw<string[]>([]);

  readonly chosen = $derived(this.collections?.find((each) => each.name === this.name) ?? null);
  /** What is chosen, where it cannot be read. */
  readonly broken = $derived(this.unreadable.find((each) => each.name === this.name) ?? null);

  async load(): Promise<void> {
    try {
      const { collections, unreadable } = await backend().collections();
      [this.collections, this.unreadable, this.problem] = [collections, unreadable, null];
    } catch (thrown) {
      this.problem = problemOf(thrown);
      return;
    }
    // One that is being made is in no list yet.
    if (!this.chosen && !this.broken && this.work?.collection !== this.name)
      this.choose((this.collections[0] ?? this.unreadable[0])?.name ?? null);
  }

  choose(name: string | null): void {
    this.name = name;
    // The default namespace may be empty where others are used.
    const spaces = this.chosen?.namespaces ?? [];
    this.enter(spaces.some((space) => space.name === '') ? '' : (spaces[0]?.name ?? ''));
  }

  enter(namespace: string): void {
    this.namespace = namespace;
    this.layout = 'directions';
    this.field = null;
    this.plane = null;
    [this.found, this.foundProblem, this.from, this.stands, this.workProblem] = [null, null, null, null, null];
    [this.said, this.comparison, this.id] = [[], null, ''];
    // An answer on its way is about what was looked at before.
    this.#questions += 1;
    this.asking = false;
    void this.draw();
  }

  /** Asks for the plane anew: another layout, another colour, or other points. */
  async draw(): Promise<void> {
    const mine = ++this.#drawings;
    const { chosen, layout, field } = this;
    this.planeProblem = null;
    if (!chosen || chosen.points === 0) {
      this.plane = null;
      return;
    }
    this.drawing = true;
    try {
      const plane = await backend().collectionPlane(chosen.name, this.namespace, layout, field);
      if (mine !== this.#drawings) return;
      this.plane = plane;
    } catch (thrown) {
      if (mine === this.#drawings) this.planeProblem = problemOf(thrown);
    } finally {
      if (mine === this.#drawings) this.drawing = false;
    }
  }

  show(layout: Layout): void {
    this.layout = layout;
    void this.draw();
  }

  tell(field: string | null): void {
    this.field = field;
    void this.draw();
  }

  ask(): Promise<void> {
    const text = this.text.trim();
    return text === '' ? Promise.resolve() : this.#seek({ by: this.by, text }, null);
  }

  neighbours(id: string): Promise<void> {
    this.id = id;
    return this.#seek({ by: 'point', id }, id);
  }

  async #seek(sought: Sought, from: string | null): Promise<void> {
    const { name } = this;
    const wanted = conditions(this.filter);
    if (name === null || wanted === null) return;
    const mine = ++this.#questions;
    [this.asking, this.foundProblem] = [true, null];
    try {
      const limit = Math.min(Math.max(Math.round(this.limit ?? RESULTS), 1), MOST_RESULTS);
      const question = { collection: name, namespace: this.namespace, sought, conditions: wanted, limit };
      const found = await backend().queryCollection(question);
      if (mine === this.#questions) [this.found, this.foundBy, this.from] = [found, sought.by, from];
    } catch (thrown) {
      if (mine === this.#questions) [this.foundProblem, this.found, this.from] = [problemOf(thrown), null, null];
    } finally {
      if (mine === this.#questions) this.asking = false;
    }
  }

  arrange = () => this.#start((name) => backend().arrangeCollection(name, this.namespace));
  measure = () => this.#start((name) => backend().measureCollection(name, this.namespace));
  compare = () =>
    this.#start((collection) => {
      const { filter, vectors, weights, contained, ...addresses } = this.comparing;
      const named = (text: string) => (text.trim() === '' ? null : text.trim());
      return backend().compareCollection({
        collection,
        namespace: this.namespace,
        conditions: conditions(filter) ?? [],
        qdrant: contained.qdrant ? 'docker' : named(addresses.qdrant),
        pinecone: named(addresses.pinecone),
        pgvector: contained.pgvector ? 'docker' : named(addresses.pgvector),
        keyFile: named(addresses.keyFile),
        vectors,
        weights: Object.entries(weights),
      });
    });
  rebuild = () => this.#start((name) => backend().rebuildCollection(name));
  export = (file: string) => this.#start((name) => backend().exportCollection(name, file));

  /** Makes a collection that is empty. */
  async create(collection: NewCollection): Promise<void> {
    const made = await backend().createCollection(collection);
    await this.load();
    this.choose(made.name);
  }

  /** Takes documents in, which makes the collection where there is none. */
  async ingest(ingest: Ingest): Promise<void> {
    const { collection, namespace } = ingest;
    const task = tasks.of(await backend().ingest(ingest));
    this.#follow({ task, collection, namespace });
    this.name = collection;
    this.enter(namespace);
  }

  reembed = (into: string, field: string) => this.#start((from) => backend().reembedCollection({ from, into, field }));

  async change(change: IndexChange): Promise<void> {
    const { chosen } = this;
    if (!chosen) return;
    const { connectivity, expansionOfBuild } = chosen.index;
    await backend().changeIndex(chosen.name, change);
    await this.load();
    if (connectivity !== change.connectivity || expansionOfBuild !== change.expansionOfBuild) await this.rebuild();
  }

  /** Its neighbour in the list is looked at next. */
  async delete(): Promise<void> {
    if (this.name === null) return;
    const names = [...(this.collections ?? []), ...this.unreadable].map(({ name }) => name);
    const at = names.indexOf(this.name);
    await backend().deleteCollection(this.name);
    this.choose(names[at + 1] ?? names[at - 1] ?? null);
    await this.load();
  }

  async #start(begin: (name: string) => Promise<number>): Promise<void> {
    const { name, namespace } = this;
    if (name === null) return;
    [this.workProblem, this.said] = [null, []];
    try {
      this.#follow({ task: tasks.of(await begin(name)), collection: name, namespace });
    } catch (thrown) {
      this.#tell(problemOf(thrown), { collection: name, namespace });
    }
  }

  #follow(work: Work): void {
    this.work = work;
    void work.task.ended.then(() => this.ended(work));
  }

  #isShown({ collection, namespace }: Omit<Work, 'task'>): boolean {
    return this.name === collection && this.namespace === namespace;
  }

  /** Why work came to nothing: beside what it was on, if that is looked at. */
  #tell(problem: Problem, on: Omit<Work, 'task'>): void {
    if (this.#isShown(on)) this.workProblem = problem;
    else notices.problem(problem);
  }

  /** As when the window opens. */
  reset(): void {
    [this.collections, this.unreadable, this.problem, this.name, this.work] = [null, [], null, null, null];
    [this.text, this.by, this.filter, this.limit] = ['', 'meaning', '', RESULTS];
    this.enter('');
  }

  /** What to do once the work has ended: the points, the index or the plane may be others. */
  async ended(work: Work): Promise<void> {
    const { task } = work;
    const last = task.output.at(-1);
    if (this.work === work) this.work = null;
    if (!tellElsewhere(task, 'vectors') && last !== undefined && task.state === 'finished')
      notices.done(task.title, last);
    tasks.forget(task);
    const before = this.chosen?.points;
    await this.load();
    if (task.problem) this.#tell(task.problem, work);
    if (this.#isShown(work)) {
      if (task.stands) this.stands = task.stands;
      if (task.comparison) this.comparison = task.comparison;
      this.said = task.output.slice(0, -1);
    }
    if (this.layout === 'neighbours' || this.plane === null || this.chosen?.points !== before) await this.draw();
  }
}

export const vectors = new VectorsStore();
