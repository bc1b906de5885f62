// One lab: read when its screen shows it, then kept up by events. What is half written or read outlives the screen.

import { backend, problemOf, type Call, type Event, type Lab, type Problem } from '../backend/backend';
import { allChecks } from './checks';
import { EntryStore } from './entries.svelte';
import { NotesStore } from './notes.svelte';
import { TraceStore } from './traces.svelte';

const LINES_KEPT = 500;
const CALLS_KEPT = 500;

/** A call, numbered as it was heard: the older ones go, and the number stays. */
export type HeardCall = Call & { number: number };

export class LabStore {
  lab = $state<Lab | null>(null);
  problem = $state<Problem | null>(null);
  /** Null until they are read, or one is heard; so too the lines of a log. */
  calls = $state<HeardCall[] | null>(null);
  callsProblem = $state<Problem | null>(null);
  logs = $state<Record<string, string[]>>({});
  logProblems = $state<Record<string, Problem | null>>({});
  /** The step of the guide that is read; empty before the first. */
  step = $state('');
  /** The check that the learner opened or works in, and whether it had passed by then. */
  chosen = $state<{ check: string; passed: boolean } | null>(null);
  /** Counts finished reports, for those who act after one. */
  reports = $state(0);
  /** Whether a run of checks goes on: also between two of them, when none is running. */
  checking = $state(false);
  /** Ids of checks that a run was stopped before, until they run. */
  stopped = $state<string[]>([]);
  /** Readings under way, and what was heard since the first of them began: the answer may be older than that. */
  #readings = 0;
  #heard: Event[] = [];
  #callsHeard = 0;
  #turns: Record<string, number> = {};

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

  /** Once no screen shows it: what events would have changed is read anew. */
  leave(): void {
    [this.lab, this.problem] = [null, null];
    [this.calls, this.callsProblem] = [null, null];
    [this.logs, this.logProblems] = [{}, {}];
    [this.checking, this.stopped] = [false, []];
  }

  async #read(): Promise<Lab> {
    this.#readings += 1;
    try {
      const lab = await backend().lab(this.slug);
      this.problem = null;
      this.lab = lab;
      this.checking = lab.running.length > 0;
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
    await Promise.all([this.loadCalls(), ...lab.services.map(({ name }) => this.loadLog(name))]);
  }

  async loadCalls(): Promise<void> {
    const [newest, before] = [this.#begin('calls'), this.#callsHeard];
    try {
      const read = await backend().gatewayCalls(this.slug);
      if (!newest()) return;
      const heard = this.calls?.filter((call) => call.number > before) ?? [];
      this.calls = joined<Call>(read, heard, sameCall)
        .slice(-CALLS_KEPT)
        .map((call) => this.#numbered(call));
      this.callsProblem = null;
    } catch (thrown) {
      if (newest()) this.callsProblem = problemOf(thrown);
    }
  }

  async loadLog(service: string): Promise<void> {
    const [newest, before] = [this.#begin(`log ${service}`), this.logs[service]?.length ?? 0];
    try {
      const lines = await backend().serviceLog(this.slug, service);
      if (!newest()) return;
      const heard = this.logs[service]?.slice(before) ?? [];
      this.logs[service] = joined(lines, heard, (one, other) => one === other).slice(-LINES_KEPT);
      this.logProblems[service] = null;
    } catch (thrown) {
      if (newest()) this.logProblems[service] = problemOf(thrown);
    }
  }

  /** Answers whether no other reading of the same has begun since: that one knows more. */
  #begin(what: string): () => boolean {
    const turn = (this.#turns[what] ?? 0) + 1;
    this.#turns[what] = turn;
    return () => this.#turns[what] === turn;
  }

  #numbered(call: Call): HeardCall {
    return { ...call, number: ++this.#callsHeard };
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
        this.logs[event.service] ??= [];
        const lines = this.logs[event.service] ?? [];
        lines.push(event.line);
        if (lines.length > LINES_KEPT) lines.splice(0, lines.length - LINES_KEPT);
        break;
      }
      case 'spans_exported':
        this.traces.heard();
        break;
      case 'gateway_call':
        this.calls ??= [];
        this.calls.push(this.#numbered(event.call));
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
        this.checking = true;
        this.stopped = this.stopped.filter((id) => id !== event.check);
        if (!lab.running.includes(event.check)) lab.running.push(event.check);
        break;
      case 'check_finished': {
        lab.running = lab.running.filter((id) => id !== event.outcome.check);
        const check = allChecks(lab).find((each) => each.id === event.outcome.check);
        if (check) check.outcome = event.outcome;
        break;
      }
      case 'report_finished':
        this.checking = false;
        // What is heard during a reading is heard twice.
        this.stopped = [...this.stopped.filter((id) => !event.stopped.includes(id)), ...event.stopped];
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

let all: Record<string, LabStore> = {};

/** The one store of a lab, as long as the window is open. */
export function labOf(slug: string): LabStore {
  return (all[slug] ??= new LabStore(slug));
}

/** For tests, which open several windows. */
export function forgetLabs(): void {
  all = {};
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
