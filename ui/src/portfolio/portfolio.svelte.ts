// The portfolio page part by part, and what the learner tells in it: shown as it is typed, kept when the typing pauses. It
// outlives the screen, so that what could not be kept waits there for another try.

import { backend, problemOf, Refused, type Narrative, type Problem } from '../backend/backend';
import { notices } from '../components/notices.svelte';
import { t } from '../language/language';

/** How long the typing pauses before it is kept. */
const PAUSE_MS = 400;

/** What a text is about, in words. */
export const about = ({ title }: NarrativeStore) => title || t('portfolio.introduction');

/** What the learner tells of a lab, or of the whole. */
export class NarrativeStore {
  /** The lab's slug; null for the introduction. */
  readonly lab: string | null;
  /** The lab's title; empty for the introduction. */
  title = $state('');
  text = $state('');
  /** As the page shows it. */
  markdown = $state('');
  /** `changed`: another text was kept meanwhile, and the learner has to say which one stays. */
  state = $state<'kept' | 'typed' | 'failed' | 'changed'>('kept');
  /** When it was kept last. */
  at = $state<string | null>(null);
  problem = $state<Problem | null>(null);
  /** What was kept meanwhile, once it is read. */
  other = $state<Narrative | null>(null);

  #revision = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #previewing = false;

  /** `reread` has the page read again, and with it this text. */
  constructor(
    read: Narrative,
    readonly reread: () => Promise<void>,
  ) {
    this.lab = read.lab;
    this.read(read);
  }

  /** Takes what is kept, unless what was typed here is newer, or what is kept here. */
  read(kept: Narrative): void {
    this.title = kept.title;
    if (this.state === 'changed') {
      if (kept.revision !== this.#revision) this.other = kept;
    } else if (this.state === 'kept' && kept.revision >= this.#revision) this.#take(kept);
  }

  #take(kept: Narrative): void {
    [this.text, this.markdown, this.#revision, this.at] = [kept.text, kept.markdown, kept.revision, kept.at];
    [this.state, this.problem, this.other] = ['kept', null, null];
  }

  change(text: string): void {
    this.text = text;
    void this.#preview();
    if (this.state === 'changed') return;
    this.state = 'typed';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.keep(), PAUSE_MS);
  }

  /** One question at a time, and the last one about the text that is there by then. */
  async #preview(): Promise<void> {
    if (this.#previewing) return;
    this.#previewing = true;
    try {
      for (let asked: string | null = null; asked !== this.text;) {
        asked = this.text;
        this.markdown = await backend().previewNarrative(this.lab, asked);
      }
    } catch {
      // Keeping it meets the same, and says so.
    }
    this.#previewing = false;
  }

  /** Keeps what was typed, at once. */
  keep(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.state === 'typed' || this.state === 'failed') this.#keeping = this.#keeping.then(() => this.#keep());
    return this.#keeping;
  }

  async #keep(): Promise<void> {
    if (this.state !== 'typed' && this.state !== 'failed') return;
    const text = this.text;
    try {
      const kept = await backend().keepNarrative(this.lab, text, this.#revision);
      [this.#revision, this.at, this.problem] = [kept.revision, kept.at, null];
      if (this.text === text) this.state = 'kept';
    } catch (thrown) {
      this.problem = problemOf(thrown);
      this.state = this.problem.code === 'narrative.changed' ? 'changed' : 'failed';
      if (this.state === 'changed') await this.reread();
    }
  }

  /** Puts what was typed in the place of the other text. */
  keepMine(): Promise<void> {
    if (!this.other) return Promise.resolve();
    [this.#revision, this.other, this.problem, this.state] = [this.other.revision, null, null, 'typed'];
    return this.keep();
  }

  takeOther(): void {
    if (this.other) this.#take(this.other);
  }

  /** One below the other; what is double is the learner's to take out. */
  keepBoth(): Promise<void> {
    if (!this.other) return Promise.resolve();
    this.text = `${this.text.trimEnd()}\n\n${this.other.text}`;
    void this.#preview();
    return this.keepMine();
  }
}

/** A part of the page: what was recorded, or a place for the learner's own words. */
export type Part = { by: 'record'; markdown: string } | { by: 'learner'; narrative: NarrativeStore };

class PortfolioStore {
  parts = $state.raw<Part[] | null>(null);
  problem = $state<Problem | null>(null);
  /** The lab whose text is being written; null for the introduction. */
  chosen = $state<string | null>(null);
  /** Where the page was written last. */
  path = $state<string | null>(null);
  /** By their ids: another pack has another introduction. */
  #narratives = new Map<string, NarrativeStore>();
  #turn = 0;

  /** The learner's texts, in the page's order. */
  get narratives(): NarrativeStore[] {
    return (this.parts ?? []).flatMap((part) => (part.by === 'learner' ? [part.narrative] : []));
  }

  /** The text that is being written. */
  get narrative(): NarrativeStore | null {
    return this.narratives.find(({ lab }) => lab === this.chosen) ?? this.narratives[0] ?? null;
  }

  /** Reads the page, also again: checks pass, and `groundwork narrative` changes texts. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const read = await backend().writeUp();
      // A later reading knows more.
      if (turn !== this.#turn) return;
      this.parts = read.map((part, at) => {
        if (part.by === 'learner') return { by: part.by, narrative: this.#narrative(part.narrative) };
        const before = this.parts?.[at];
        // The same part is not drawn again.
        return before?.by === 'record' && before.markdown === part.markdown ? before : part;
      });
      this.problem = null;
    } catch (thrown) {
      if (turn === this.#turn) this.problem = problemOf(thrown);
    }
  }

  #narrative(read: Narrative): NarrativeStore {
    const known = this.#narratives.get(read.id);
    if (known) {
      known.read(read);
      return known;
    }
    const narrative = new NarrativeStore(read, () => this.load());
    this.#narratives.set(read.id, narrative);
    return narrative;
  }

  async keep(): Promise<void> {
    await Promise.all(this.narratives.map((narrative) => narrative.keep()));
  }

  /** Writes the page to a file, with all that was typed in it, or not at all. */
  async export(format: string): Promise<void> {
    await notices.watch(this.#export(format));
  }

  async #export(format: string): Promise<void> {
    await this.keep();
    const unkept = this.narratives.find(({ state }) => state !== 'kept');
    if (unkept) this.chosen = unkept.lab;
    if (unkept?.problem) throw new Refused(unkept.problem);
    this.path = await backend().exportWriteUp(format);
    void this.load();
  }

  /** For tests, which open several windows. */
  reset(): void {
    [this.parts, this.problem, this.chosen, this.path] = [null, null, null, null];
    this.#narratives.clear();
  }
}

export const portfolio = new PortfolioStore();
