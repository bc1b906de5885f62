// What the window tells in passing: a failure with its next step, or what leads on, until it is dismissed; a success, or what
// will soon be otherwise, for a few seconds.

import { problemOf, type Problem } from './problem';

/** What can be done about a notice, at once. */
export interface Action {
  label: string;
  run: () => void;
}

export interface Notice {
  id: number;
  kind: 'problem' | 'done';
  message: string;
  nextStep: string;
  action: Action | null;
}

const SHOWN_MS = 8000;
/** Above that, what would pass by itself goes. */
const FEW = 4;
/** Nobody reads more. */
const MOST = 20;

class Notices {
  list = $state<Notice[]>([]);
  #next = 1;
  /** Those that pass by themselves; without a timer while they are read. */
  #passing = new Map<number, ReturnType<typeof setTimeout> | undefined>();
  #held = false;

  done(message: string, detail = '', action: Action | null = null): void {
    const id = this.#add('done', message, detail, action);
    if (!action) this.#pass(id);
  }

  /** Answers with its number; null where it is told already. */
  problem({ message, nextStep }: Problem, action: Action | null = null): number | null {
    const told = this.list.some((notice) => notice.kind === 'problem' && notice.message === message);
    return told ? null : this.#add('problem', message, nextStep, action);
  }

  /** A problem that waiting may solve. */
  passing(problem: Problem): void {
    const id = this.problem(problem);
    if (id !== null) this.#pass(id);
  }

  /** Tells of whatever the promise rejects with; answers whether it did not. */
  async watch(work: Promise<unknown>): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (thrown) {
      this.problem(problemOf(thrown));
      return false;
    }
  }

  /** While they are read, none passes; afterwards each has its time again. */
  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    for (const id of this.#passing.keys()) this.#pass(id);
  }

  dismiss(id: number): void {
    clearTimeout(this.#passing.get(id));
    this.#passing.delete(id);
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  dismissNewest(): void {
    const newest = this.list.at(-1);
    if (newest) this.dismiss(newest.id);
  }

  #pass(id: number): void {
    clearTimeout(this.#passing.get(id));
    this.#passing.set(id, this.#held ? undefined : setTimeout(() => this.dismiss(id), SHOWN_MS));
  }

  #add(kind: Notice['kind'], message: string, nextStep: string, action: Action | null): number {
    const id = this.#next++;
    this.list = [...this.list, { id, kind, message, nextStep, action }].slice(-MOST);
    const passing = this.list.find((notice) => this.#passing.has(notice.id));
    if (this.list.length > FEW && passing) this.dismiss(passing.id);
    return id;
  }
}

export const notices = new Notices();
