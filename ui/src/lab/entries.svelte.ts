// The journal entries of one lab, and what is half written: drafts outlive the form, which goes when another check opens.

import { backend, problemOf, type Entry, type Problem } from '../backend/backend';

export interface Draft {
  title: string;
  text: string;
  url: string;
}

export class EntryStore {
  /** Null until they are read. */
  list = $state.raw<Entry[] | null>(null);
  problem = $state<Problem | null>(null);
  saving = $state(false);
  drafts = $state<Record<string, Draft>>({});

  constructor(readonly slug: string) {}

  async load(): Promise<void> {
    try {
      this.list = await backend().entries(this.slug);
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  /** Takes an entry back, and its words into the draft of a check, unless something is written there. */
  takeBack(check: string, entry: Entry): Promise<boolean> {
    return this.#change(async () => {
      const { at, title, text, url } = await backend().removeEntry(this.slug, entry.at);
      this.list = this.list?.filter((one) => one.at !== at) ?? null;
      const draft = this.drafts[check];
      if (!draft || (draft.title + draft.text + draft.url).trim() === '') {
        this.drafts[check] = { title, text, url: url ?? '' };
      }
    });
  }

  /** Writes the draft of a check down; answers whether that worked. */
  async add(check: string, sort: string): Promise<boolean> {
    const draft = this.drafts[check];
    if (!draft) return false;
    return this.#change(async () => {
      const url = draft.url.trim();
      const { title, text } = draft;
      const entry = await backend().addEntry(this.slug, { sort, title, text, url: url === '' ? null : url });
      if (this.list) this.list = [...this.list, entry];
      this.drafts[check] = { title: '', text: '', url: '' };
    });
  }

  /** One at a time; answers whether it worked. */
  async #change(change: () => Promise<void>): Promise<boolean> {
    if (this.saving) return false;
    this.saving = true;
    try {
      await change();
      this.problem = null;
      if (this.list === null) void this.load();
      return true;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      return false;
    } finally {
      this.saving = false;
    }
  }
}
