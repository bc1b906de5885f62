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
  /** What is being kept, of any lab, one after another: an older text never comes last, and none is read before. */
  static #keeping: Promise<void> = Promise.resolve();

  constructor(readonly slug: string) {}

  /** Reads them, also again: `groundwork lab notes` may have changed them. What is typed here is newer. */
  async load(): Promise<void> {
    try {
      await NotesStore.#keeping;
      if (this.#unkept()) return;
      const { text, at } = await backend().notes(this.slug);
      if (this.#unkept()) return;
      [this.text, this.at, this.state, this.problem] = [text, at, 'kept', null];
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  #unkept(): boolean {
    return this.state === 'typed' || this.state === 'failed';
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
    if (this.#unkept()) NotesStore.#keeping = NotesStore.#keeping.then(() => this.#keep());
    return NotesStore.#keeping;
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
