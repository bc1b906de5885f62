// A learner's notes beside a lab: read once, then kept as they are typed.

import { backend, problemOf, type Problem } from '../backend/backend';

/** How long the typing pauses before it is kept. */
const PAUSE_MS = 400;

export class NotesStore {
  text = $state('');
  state = $state<'reading' | 'kept' | 'typed' | 'failed'>('reading');
  /** When they were kept last. */
  at = $state<string | null>(null);
  problem = $state<Problem | null>(null);

  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What is being kept, one after another: an older text never comes last. */
  #keeping: Promise<void> = Promise.resolve();

  constructor(readonly slug: string) {}

  /** Reads them, unless they are there: what is typed here is newer. */
  async load(): Promise<void> {
    if (this.state !== 'reading') return;
    try {
      const { text, at } = await backend().notes(this.slug);
      [this.text, this.at, this.state, this.problem] = [text, at, 'kept', null];
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  change(text: string): void {
    this.text = text;
    this.state = 'typed';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.keep(), PAUSE_MS);
  }

  /** Keeps what was typed, at once. */
  keep(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.state === 'typed' || this.state === 'failed') this.#keeping = this.#keeping.then(() => this.#keep());
    return this.#keeping;
  }

  async #keep(): Promise<void> {
    const text = this.text;
    try {
      const { at } = await backend().keepNotes(this.slug, text);
      [this.at, this.problem] = [at, null];
      if (this.text === text) this.state = 'kept';
    } catch (thrown) {
      [this.problem, this.state] = [problemOf(thrown), 'failed'];
    }
  }
}
