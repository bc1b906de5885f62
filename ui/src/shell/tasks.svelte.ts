// Long work as the window sees it. Events may arrive before the command that started the work has answered, so a task
// exists from whichever comes first.

import { backend, type Comparison, type Event, type Generation, type Problem, type Stand } from '../backend/backend';
import type { Part } from '../components/task';

/** Lines of output that are kept of a task. */
const MOST_LINES = 10_000;

export class Task {
  state = $state<'running' | 'finished' | 'failed' | 'cancelled'>('running');
  title = $state('');
  what = $state('');
  /** From 0 to 1; `null` where the end is not known. */
  share = $state<number | null>(null);
  done = $state(0);
  total = $state<number | null>(null);
  unit = $state('');
  parts = $state<Part[]>([]);
  output = $state<string[]>([]);
  problem = $state<Problem | null>(null);
  generation = $state<Generation | null>(null);
  stands = $state.raw<Stand[] | null>(null);
  comparison = $state.raw<Comparison | null>(null);

  /** Resolves once it has come to its end, whichever, and whatever screen is shown then. */
  readonly ended: Promise<void>;
  #settle: () => void = () => undefined;

  constructor(readonly id: number) {
    this.ended = new Promise((done) => (this.#settle = done));
  }

  end(state: 'finished' | 'failed' | 'cancelled', problem: Problem | null = null): void {
    [this.state, this.problem] = [state, problem];
    this.#settle();
  }

  cancel(): Promise<null> {
    return backend().cancel(this.id);
  }
}

class Tasks {
  #known = new Map<number, Task>();

  of(id: number): Task {
    let task = this.#known.get(id);
    if (!task) {
      task = new Task(id);
      this.#known.set(id, task);
    }
    return task;
  }

  /** Drops a task that nobody shows any more. */
  forget(task: Task): void {
    this.#known.delete(task.id);
  }

  apply(event: Event): void {
    if (event.type === 'generated') this.of(event.task).generation = event.generation;
    if (event.type === 'measured') this.of(event.task).stands = event.stands;
    if (event.type === 'compared') this.of(event.task).comparison = event.comparison;
    if (event.type !== 'task') return;
    const task = this.of(event.task);
    const { step } = event;
    switch (step.step) {
      case 'started':
        task.title = step.title;
        break;
      case 'progress':
        // Another step has parts of its own.
        if (task.what !== step.what) task.parts = [];
        task.what = step.what;
        task.done = step.done ?? 0;
        task.total = step.total ?? null;
        task.unit = step.unit;
        task.share = task.total ? Math.min(1, task.done / task.total) : null;
        break;
      case 'part': {
        const part = { name: step.name, what: step.what, share: step.share ?? 0 };
        const at = task.parts.findIndex((each) => each.name === part.name);
        task.parts[at < 0 ? task.parts.length : at] = part;
        break;
      }
      case 'output':
        task.output.push(step.text);
        // A log may go on for days.
        if (task.output.length > MOST_LINES) task.output.splice(0, MOST_LINES / 2);
        break;
      case 'failed':
        task.end('failed', step.problem);
        break;
      case 'finished':
      case 'cancelled':
        task.end(step.step);
        break;
    }
  }
}

export const tasks = new Tasks();
