// What the window tells in passing: a failure with its next step until it is dismissed, a success for a few seconds.

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
    const id = this.#add('done', message, detail);
    setTimeout(() => this.dismiss(id), SHOWN_MS);
  }

  problem(problem: Problem): void {
    if (this.list.some((notice) => notice.kind === 'problem' && notice.message === problem.message)) return;
    this.#add('problem', problem.message, problem.nextStep);
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

  #add(kind: Notice['kind'], message: string, nextStep: string): number {
    const id = this.#next++;
    // Four at most: more would cover the screen and nobody reads them.
    this.list = [...this.list, { id, kind, message, nextStep }].slice(-4);
    return id;
  }
}

export const notices = new Notices();
