// The journal entries of one lab, and what is half written: drafts outlive the form, which goes when another check opens.

import { backend, problemOf, type Entry, type Problem } from '../backend/backend';

export interface Draft {
  title: string;
  text: string;
  url: string;
}

export class EntryStore {
  list = $state<Entry[]>([]);
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
  async takeBack(check: string, entry: Entry): Promise<void> {
    if (this.saving) return;
    this.saving = true;
    try {
      const { at, title, text, url } = await backend().removeEntry(this.slug, entry.at);
      this.list = this.list.filter((one) => one.at !== at);
      const draft = this.drafts[check];
      if (!draft || (draft.title + draft.text + draft.url).trim() === '') {
        this.drafts[check] = { title, text, url: url ?? '' };
      }
      this.problem = null;
    } catch (thrown) {
      this.problem = problemOf(thrown);
    } finally {
      this.saving = false;
    }
  }

  /** Writes the draft of a check down; answers whether that worked. */
  async add(check: string, sort: string): Promise<boolean> {
    const draft = this.drafts[check];
    if (!draft || this.saving) return false;
    this.saving = true;
    try {
      const url = draft.url.trim();
      const { title, text } = draft;
      this.list.push(await backend().addEntry(this.slug, { sort, title, text, url: url === '' ? null : url }));
      this.drafts[check] = { title: '', text: '', url: '' };
      this.problem = null;
      return true;
    } catch (thrown) {
      this.problem = problemOf(thrown);
      return false;
    } finally {
      this.saving = false;
    }
  }
}
