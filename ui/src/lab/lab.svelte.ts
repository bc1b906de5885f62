// One lab while its screen shows it: read once, then kept up by events.

import { backend, problemOf, type Call, type Event, type Lab, type Problem } from '../backend/backend';
import { allChecks } from './checks';
import { EntryStore } from './entries.svelte';
import { NotesStore } from './notes.svelte';
import { TraceStore } from './traces.svelte';

const LINES_KEPT = 500;
const CALLS_KEPT = 500;

export class LabStore {
  lab = $state<Lab | null>(null);
  problem = $state<Problem | null>(null);
  calls = $state<Call[]>([]);
  logs = $state<Record<string, string[]>>({});
  /** Counts finished reports, for those who act after one. */
  reports = $state(0);
  /** Readings under way, and what was heard since the first of them began: the answer may be older than that. */
  #readings = 0;
  #heard: Event[] = [];

  readonly traces: TraceStore;
  readonly entries: EntryStore;
  readonly notes: NotesStore;

  constructor(readonly slug: string) {
    this.traces = new TraceStore(slug);
    this.entries = new EntryStore(slug);
    this.notes = new NotesStore(slug);
  }

  async load(): Promise<void> {
    try {
      const lab = await this.#read();
      if (lab.workspace) await this.#loadTraffic(lab);
    } catch (thrown) {
      this.problem = problemOf(thrown);
    }
  }

  async #read(): Promise<Lab> {
    this.#readings += 1;
    try {
      const lab = await backend().lab(this.slug);
      this.problem = null;
      this.lab = lab;
      for (const event of this.#heard) this.#change(this.lab, event);
      return lab;
    } finally {
      this.#readings -= 1;
      if (this.#readings === 0) this.#heard = [];
    }
  }

  async #loadTraffic(lab: Lab): Promise<void> {
    void this.traces.load();
    if (allChecks(lab).some((check) => check.entry)) void this.entries.load();
    const since = this.calls.length;
    const calls = await backend().gatewayCalls(this.slug);
    this.calls = joined(calls, this.calls.slice(since), sameCall).slice(-CALLS_KEPT);
    for (const service of lab.services) {
      const heard = this.logs[service.name]?.length ?? 0;
      const lines = await backend().serviceLog(this.slug, service.name);
      const fresh = this.logs[service.name]?.slice(heard) ?? [];
      this.logs[service.name] = joined(lines, fresh, (one, other) => one === other).slice(-LINES_KEPT);
    }
  }

  /** What the learner chose, for every place where the question stands. */
  answered(id: string, chosen: string[]): void {
    const check = this.lab && allChecks(this.lab).find((each) => each.id === id);
    if (check?.quiz) check.quiz.chosen = chosen;
  }

  apply(event: Event): void {
    if (!('lab' in event) || event.lab !== this.slug) return;
    switch (event.type) {
      case 'service_log': {
        const lines = (this.logs[event.service] ??= []);
        lines.push(event.line);
        if (lines.length > LINES_KEPT) lines.splice(0, lines.length - LINES_KEPT);
        break;
      }
      case 'spans_exported':
        this.traces.heard();
        break;
      case 'gateway_call':
        this.calls.push(event.call);
        if (this.calls.length > CALLS_KEPT) this.calls.splice(0, this.calls.length - CALLS_KEPT);
        break;
      default:
        if (event.type === 'report_finished') this.reports += 1;
        if (this.#readings > 0) this.#heard.push(event);
        if (this.lab) this.#change(this.lab, event);
    }
  }

  #change(lab: Lab, event: Event): void {
    switch (event.type) {
      case 'saved':
        if (lab.workspace) lab.workspace.lastSave = event.save;
        break;
      case 'check_started':
        if (!lab.running.includes(event.check)) lab.running.push(event.check);
        break;
      case 'check_finished': {
        lab.running = lab.running.filter((id) => id !== event.outcome.check);
        const check = allChecks(lab).find((each) => each.id === event.outcome.check);
        if (check) check.outcome = event.outcome;
        break;
      }
      case 'report_finished':
        lab.running = [];
        break;
      case 'workspace_changed':
        lab.workspace = event.workspace ?? null;
        break;
      case 'service_changed': {
        const at = lab.services.findIndex((service) => service.name === event.service.name);
        if (at === -1) lab.services.push(event.service);
        else lab.services[at] = event.service;
        break;
      }
    }
  }
}

/** A list as read, then what was heard meanwhile, with what is in both kept once. */
export function joined<Item>(read: Item[], heard: Item[], same: (one: Item, other: Item) => boolean): Item[] {
  for (let overlap = Math.min(read.length, heard.length); overlap > 0; overlap--) {
    const tail = read.slice(-overlap);
    if (tail.every((item, at) => same(item, heard[at] as Item))) return [...read, ...heard.slice(overlap)];
  }
  return [...read, ...heard];
}

function sameCall(one: Call, other: Call): boolean {
  return one.at === other.at && one.path === other.path && one.millis === other.millis;
}
