// What the window tells in passing: a failure with its next step until it is dismissed, a success, or what will soon be
// otherwise, for a few seconds.

import { problemOf, type Problem } from './problem';

export interface Notice {
  id: number;
  kind: 'problem' | 'done';
  message: string;
  nextStep: string;
}

const SHOWN_MS = 8000;

class Notices {
  list = $state<Notice[]>([]);
  #next = 1;

  done(message: string, detail = ''): void {
    this.#pass(this.#add('done', message, detail));
  }

  /** Answers with its number; null where it is told already. */
  problem({ message, nextStep }: Problem): number | null {
    const told = this.list.some((notice) => notice.kind === 'problem' && notice.message === message);
    return told ? null : this.#add('problem', message, nextStep);
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

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  #pass(id: number): void {
    setTimeout(() => this.dismiss(id), SHOWN_MS);
  }

  #add(kind: Notice['kind'], message: string, nextStep: string): number {
    const id = this.#next++;
    // Four at most: more would cover the screen and nobody reads them.
    this.list = [...this.list, { id, kind, message, nextStep }].slice(-4);
    return id;
  }
}

export const notices = new Notices();
