// The traces of one lab: a bounded list and the one that is open, read again a moment after spans came in.

import { backend, problemOf, type Problem, type Traces, type Waterfall } from '../backend/backend';

/** Exporters send in bursts. */
const BURST_MS = 300;

export class TraceStore {
  list = $state.raw<Traces | null>(null);
  open = $state<string | null>(null);
  shown = $state.raw<Waterfall | null>(null);
  problem = $state<Problem | null>(null);
  #waiting: ReturnType<typeof setTimeout> | undefined;
  #reading = false;

  constructor(readonly slug: string) {}

  heard(): void {
    if (this.#waiting !== undefined) return;
    this.#waiting = setTimeout(() => {
      this.#waiting = undefined;
      // One reading at a time: a slow one is followed by another.
      if (this.#reading) this.heard();
      else void this.load();
    }, BURST_MS);
  }

  async load(): Promise<void> {
    this.#reading = true;
    try {
      this.list = await backend().traces(this.slug);
      this.open ??= this.list.traces[0]?.id ?? null;
      await this.#read();
      // Newer spans have taken the room of the one that was open.
      if (!this.shown && this.list.traces.every((trace) => trace.id !== this.open)) {
        this.open = this.list.traces[0]?.id ?? null;
        await this.#read();
      }
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    } finally {
      this.#reading = false;
    }
  }

  async choose(id: string): Promise<void> {
    this.open = id;
    try {
      await this.#read();
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  async #read(): Promise<void> {
    const { open } = this;
    const shown = open === null ? null : await backend().trace(this.slug, open);
    // The learner may have opened another meanwhile.
    if (this.open === open) this.shown = shown;
  }
}
