import { problemOf, type Problem } from '../backend/backend';

/** One thing is asked at a time, and why the last came to nothing stays until the next. */
export class Asking {
  busy = $state(false);
  problem = $state<Problem | null>(null);

  async ask(work: () => Promise<void>): Promise<void> {
    [this.busy, this.problem] = [true, null];
    try {
      await work();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    } finally {
      this.busy = false;
    }
  }
}
