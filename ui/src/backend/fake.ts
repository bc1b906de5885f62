// A scripted product for tests and for developing in a plain browser. Never part of a release build.
//
// `scene`: `fresh` (nothing done), `working` (a lab half way, the default), `done`, `outdated` (done, and the pack has a
// newer version), `trouble` (what can be missing is missing), `telling` (a lab half way that also asks for an entry and a
// trace), `many` (the same, with ten thousand rows where a list has no bound), `long` (the same, with long texts and names),
// `offline` (half way, without network and engine), `foreign` (a pack from elsewhere), `empty`, `failing`, `silent` (no
// rows, no success, no answer). `pace`: how many real milliseconds one scripted millisecond takes.

import type { Backend } from './backend';
import type {
  Call,
  Deployed,
  Entry,
  Event,
  Key,
  Lab,
  Message,
  Narrative,
  Notes,
  RecordSummary,
  TaskStep,
} from './bindings.gen';
import * as vectors from './fake/collections';
import * as containers from './fake/containers';
import { brokenPack, call, exchange, findings, noAddress, noEditor, noPython, noSuchLab } from './fake/facts';
import { lab as blank, outcome, script } from './fake/lab';
import * as thousands from './fake/many';
import * as shelf from './fake/models';
import { broken } from './fake/offline';
import { burnUp, plan } from './fake/plan';
import * as portfolio from './fake/portfolio';
import { roadmap } from './fake/roadmap';
import { scenes } from './fake/scenes';
import * as settings from './fake/settings';
import { keep, snapshots } from './fake/snapshots';
import { trace, traces } from './fake/traces';
import { Refused } from './problem';

export interface Fake extends Backend {
  emit(event: Event): void;
  /** As a link that is followed while the window is open. */
  call(place: string): void;
}

// Never used twice, not even by two windows of one test file.
let tasks = 0;

const SLUG = 'orientation';
const HOME = '/home/ada/Groundwork';
const PROMPT = '\x1b[32mada\x1b[0m:\x1b[34m~/Groundwork/orientation\x1b[0m$ ';

export function fake(wishes: URLSearchParams): Fake {
  const scene = wishes.get('scene') ?? 'working';
  const pace = Number(wishes.get('pace') ?? 1);
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms * pace));

  const ears = new Set<(event: Event) => void>();
  const called = new Set<() => void>();
  let place: string | null = null;
  const emit = (event: Event) => ears.forEach((heard) => heard(structuredClone(event)));

  const many = scene === 'many' || scene === 'long';
  const half = scene === 'working' || scene === 'offline';
  const tells = scene === 'telling' || many;
  const lab: Lab = blank(tells);
  const checks = () => lab.steps.flatMap((step) => step.checks);
  const right = new Set(
    scene === 'done' || scene === 'outdated'
      ? script.map((each) => each.id)
      : half || tells
        ? ['hello-there', 'hello-greets', 'hello-runs']
        : [],
  );
  const kept = snapshots(half || scene === 'long' || scene === 'outdated');
  const calls: Call[] = [];
  const entries: Entry[] = many ? thousands.entries(SLUG) : [];
  const log = [
    'Started as process 4180.',
    'INFO:     Uvicorn running on http://127.0.0.1:43117',
    'INFO:     127.0.0.1 - "GET /health" 200 OK',
  ];
  let notes: Notes = { text: '', at: null };
  const narratives = new Map<string | null, Narrative>();
  const told = (lab: Lab | null) => structuredClone(narratives.get(lab?.slug ?? null) ?? portfolio.narrative(lab));
  let shell = 0;
  let line = '';
  const cancelled = new Set<number>();
  let collections = scene === 'fresh' ? [] : vectors.collections();
  const arranged = new Set<string>();
  let models = [shelf.smollm(), shelf.gemma()];
  let deployed: Deployed[] = [];
  let editor: string | null = null;
  let keys: Key[] = scene === 'fresh' ? [] : settings.keys(new Date().toISOString());
  let waiting: RecordSummary | null = null;
  let mended = false;
  // The engine's: nothing at first, one stack and an image in the other scenes.
  let stacks = scene === 'fresh' ? [] : [containers.stack()];
  let images = many ? thousands.images() : scene === 'fresh' ? [] : containers.images;
  let leftovers = many ? thousands.leftovers() : containers.leftovers;
  let looks = 0;

  if (half || tells || scene === 'done' || scene === 'outdated') {
    open();
    for (const check of checks()) {
      if (check.id !== 'stays-here' || scene === 'done' || scene === 'outdated')
        check.outcome = outcome(check.id, right.has(check.id));
    }
    calls.push(call(200, 31), call(404, 0), call(200, 48));
    if (tells) {
      const refused = { ...call(429, 0), error: 'rate_limit_exceeded', injected: '429' };
      calls.push(refused, { ...call(200, 12), injected: 'latency' });
    }
  }
  if (scene === 'outdated') {
    lab.newVersion = { from: 1, to: 2 };
    for (const { outcome } of checks().filter((each) => ['health', 'hello-runs'].includes(each.id)))
      if (outcome) outcome.stale = true;
  }

  function open() {
    lab.workspace = {
      path: `${HOME}/${SLUG}`,
      createdAt: new Date().toISOString(),
      watch: scene === 'trouble' ? 'polling' : 'events',
      lastSave: half || scene === 'long' ? { path: 'settings.json', at: new Date().toISOString() } : null,
    };
  }

  let stopped = false;

  async function run(ids: string[]) {
    stopped = false;
    const left = [...ids];
    for (const check of ids) {
      emit({ type: 'check_started', lab: SLUG, check });
      await pause(320);
      if (stopped) break;
      left.shift();
      const found = outcome(check, right.has(check));
      const kept = checks().find((each) => each.id === check);
      if (kept) kept.outcome = found;
      emit({ type: 'check_finished', lab: SLUG, outcome: found });
    }
    const passed = checks().filter((each) => each.outcome?.status === 'passed').length;
    emit({ type: 'report_finished', lab: SLUG, passed, checks: checks().length, stopped: left });
  }

  /** Long work in the background: `work` says its steps, and stops when it answers false. */
  function task(title: string, work: (id: number, say: (step: TaskStep) => boolean) => Promise<TaskStep>): number {
    const id = ++tasks;
    const say = (step: TaskStep) => {
      emit({ type: 'task', task: id, step });
      return !cancelled.has(id);
    };
    void (async () => {
      say({ step: 'started', title });
      const problem = scene === 'offline' && broken[title];
      say(problem ? { step: 'failed', problem } : await work(id, say));
    })();
    return id;
  }

  async function start(say: (step: TaskStep) => boolean): Promise<TaskStep> {
    const stages = [
      'Copying the starter files',
      'Finding Python 3.11',
      'Making an environment',
      'Installing openai 1.109.1',
      'Installing fastapi 0.116.1',
      'Opening your editor',
    ];
    for (const [at, what] of stages.entries()) {
      say({ step: 'progress', what, done: at, total: stages.length, unit: 'steps' });
      if (what.startsWith('Installing'))
        say({ step: 'output', text: `Processing ./wheelhouse/${what.split(' ')[1]}-py3-none-any.whl` });
      await pause(700);
      if (!say({ step: 'progress', what, done: at + 1, total: stages.length, unit: 'steps' }))
        return { step: 'cancelled' };
    }
    if (scene === 'trouble') return { step: 'failed', problem: noPython };
    open();
    emit({ type: 'workspace_changed', lab: SLUG, workspace: lab.workspace });
    return { step: 'finished' };
  }

  async function answer(
    id: number,
    say: (step: TaskStep) => boolean,
    messages: Message[],
    maxTokens: number,
  ): Promise<TaskStep> {
    const words =
      `You asked: “${messages.at(-1)?.content ?? ''}” A gateway stands between programs and a model. It checks the key, counts the tokens, keeps a record of each call and passes the answer on as it is made, piece by piece, so that the first words can be read while the last are still being worked out.`.split(
        /(?<= )/,
      );
    await pause(240);
    let said = 0;
    for (const text of words.slice(0, maxTokens)) {
      said += 1;
      if (!say({ step: 'output', text })) break;
      await pause(45);
    }
    const finishReason = cancelled.has(id) ? 'cancelled' : said < words.length ? 'length' : 'stop';
    emit({
      type: 'generated',
      task: id,
      generation: {
        promptTokens: 24 + 60 * (messages.length - 1),
        completionTokens: said,
        context: 2048,
        firstTokenMs: 212,
        tokensPerSecond: 58.4,
        finishReason,
      },
    });
    return finishReason === 'cancelled' ? { step: 'cancelled' } : { step: 'finished' };
  }

  const backend: Fake = {
    emit,
    call(to) {
      place = to;
      called.forEach((heard) => heard());
    },
    async onCalled(heard) {
      called.add(heard);
      return () => called.delete(heard);
    },
    async takePlace() {
      const taken = place;
      place = null;
      return taken;
    },
    async zoom(percent) {
      document.documentElement.style.zoom = `${percent}%`;
      return null;
    },
    async listen(heard) {
      ears.add(heard);
      return () => ears.delete(heard);
    },
    async plan() {
      await pause(40);
      if (scene === 'broken') throw new Refused(brokenPack);
      const passed = checks().filter((check) => check.outcome?.status === 'passed').length;
      const state = passed === checks().length ? 'done' : lab.workspace ? 'in_progress' : 'not_started';
      return plan({ state, passed, checks: checks().length, minutesSpent: lab.workspace ? 26 : 0 });
    },
    async burnUp() {
      return burnUp(await backend.plan());
    },
    async roadmap() {
      const all = roadmap((await backend.plan()).phases.flatMap((phase) => phase.labs));
      const evidence = all.years.flatMap((year) => year.milestones.flatMap((milestone) => milestone.evidence));
      if (many) for (const found of evidence) found.entries = thousands.entries(SLUG);
      return all;
    },
    async lab(slug) {
      await pause(40);
      if (slug !== SLUG) throw new Refused(noSuchLab(slug));
      return structuredClone(lab);
    },
    async startLab() {
      return task('Starting Orientation', (_, say) => start(say));
    },
    async openEditor() {
      if (scene === 'trouble') throw new Refused(noEditor);
      // Stands in for the learner: some time later, a save puts the next thing right.
      void (async () => {
        await pause(1600);
        const next = script.find((each) => !right.has(each.id) && each.file !== '');
        if (!next) return;
        right.add(next.id);
        const save = { path: next.file, at: new Date().toISOString() };
        if (lab.workspace) lab.workspace.lastSave = save;
        emit({ type: 'saved', lab: SLUG, save });
        await run(
          script.filter((each) => each.file === next.file || each.wrong.blockedBy === next.id).map((each) => each.id),
        );
      })();
      return null;
    },
    async checkLab() {
      void run(checks().map((check) => check.id));
      return null;
    },
    async stopChecks() {
      stopped = true;
      return null;
    },
    async resetLab() {
      right.clear();
      for (const check of checks()) check.outcome = null;
      return keep(kept, 'reset');
    },
    async snapshots() {
      await pause(40);
      return structuredClone(kept);
    },
    async restoreLab(_, id) {
      const files = kept.find((each) => each.id === id)?.files.map((file) => file.path) ?? [];
      return { snapshot: id, kept: keep(kept, 'restore'), files };
    },
    async updateLab() {
      await pause(400);
      const stale = lab.steps.map(({ id, title, checks }) => ({
        id,
        title,
        checks: checks.filter((check) => check.outcome?.stale).map((check) => check.title),
      }));
      lab.newVersion = null;
      void run(checks().map((check) => check.id));
      return {
        from: 1,
        to: 2,
        kept: keep(kept, 'update'),
        replaced: ['measure.py'],
        added: [],
        beside: ['service.py.new'],
        stale: stale.filter((step) => step.checks.length > 0),
      };
    },
    async answerQuiz(_, check, chosen) {
      if (chosen.length === 2 && !chosen.includes('index')) right.add(check);
      else right.delete(check);
      void run([check]);
      return null;
    },
    async startService(_, name) {
      void (async () => {
        emit({ type: 'service_changed', lab: SLUG, service: { name, state: 'starting', url: null, detail: null } });
        for (const line of log) {
          await pause(250);
          emit({ type: 'service_log', lab: SLUG, service: name, line });
        }
        emit({
          type: 'service_changed',
          lab: SLUG,
          service: { name, state: 'ready', url: 'http://127.0.0.1:43117', detail: null },
        });
      })();
      return null;
    },
    async stopService(_, name) {
      emit({ type: 'service_changed', lab: SLUG, service: { name, state: 'stopped', url: null, detail: null } });
      return null;
    },
    async serviceLog() {
      return [];
    },
    async gatewayCalls() {
      return structuredClone(calls);
    },
    async gatewayExchange(_, at) {
      const found = calls.find((each) => each.at === at);
      return found ? exchange(found) : null;
    },
    async traces() {
      return tells ? traces() : { traces: [], more: 0, dropped: 0 };
    },
    async trace(_, id) {
      return trace(id);
    },
    async entries() {
      return structuredClone(entries);
    },
    async addEntry(slug, { sort, title, text, url }) {
      if (url !== null && !url.startsWith('https://')) throw new Refused(noAddress(url));
      const entry: Entry = { lab: slug, at: new Date().toISOString(), sort, title, text, url };
      entries.push(entry);
      right.add('joined');
      void run(['joined']);
      return entry;
    },
    async removeEntry(_, at) {
      const [entry] = entries.splice(
        entries.findIndex((one) => one.at === at),
        1,
      );
      if (!entry) throw new Refused(noAddress(at));
      if (entries.length === 0) right.delete('joined');
      void run(['joined']);
      return entry;
    },
    async notes() {
      return structuredClone(notes);
    },
    async keepNotes(_, text) {
      notes = { text, at: new Date().toISOString() };
      return structuredClone(notes);
    },
    async openTerminal(slug) {
      shell += 1;
      const terminal = shell;
      void pause(30).then(() => emit({ type: 'terminal_output', lab: slug, terminal, text: PROMPT }));
      return terminal;
    },
    async typeInTerminal(slug, terminal, text) {
      const told = (text: string) => emit({ type: 'terminal_output', lab: slug, terminal, text });
      told(text.replaceAll('\r', '\r\n'));
      line += text;
      if (!line.endsWith('\r')) return null;
      const command = line.trim();
      line = '';
      if (command === 'exit') emit({ type: 'terminal_ended', lab: slug, terminal });
      else told(`${command === '' ? '' : `(a scripted shell runs nothing)\r\n`}${PROMPT}`);
      return null;
    },
    async resizeTerminal() {
      return null;
    },
    async drawnInTerminal() {
      return null;
    },
    async terminalIsBusy() {
      return false;
    },
    async models() {
      await pause(60);
      return scene === 'trouble' ? shelf.troubled() : shelf.told(structuredClone(models));
    },
    async importModel(file, name) {
      return task('Importing a model', async (_, say) => {
        if (!say({ step: 'progress', what: 'Copying', done: 1, total: 2, unit: 'bytes' })) return { step: 'cancelled' };
        await pause(500);
        if (file.endsWith('page.gguf')) return { step: 'failed', problem: shelf.notGguf };
        const id = name ?? file.replace(/^.*\/|\.gguf$/g, '');
        models = [...models, shelf.imported(id, file)];
        say({ step: 'output', text: `${id} is installed.` });
        return { step: 'finished' };
      });
    },
    async downloadModel(what, name) {
      return task('Downloading a model', async (_, say) => {
        for (const done of [20, 120, 253]) {
          const step = { what: 'Downloading', done: done * 1e6, total: 253e6, unit: 'bytes' as const };
          if (!say({ step: 'progress', ...step })) return { step: 'cancelled' };
          await pause(800);
        }
        const file = '/home/ada/.local/share/groundwork/models/model.gguf';
        const known = models.some((each) => each.id === what);
        models = known
          ? models.map((each) => (each.id === what ? { ...each, file } : each))
          : [...models, shelf.imported(name ?? 'model', what)];
        say({ step: 'output', text: `${known ? what : (name ?? 'model')} is installed.` });
        return { step: 'finished' };
      });
    },
    async removeModel(id) {
      models = models.flatMap((each) =>
        each.id !== id ? [each] : each.origin === 'catalogue' ? [{ ...each, file: null, speed: null }] : [],
      );
      return null;
    },
    async useModel(id) {
      models = models.map((each) => ({ ...each, chosen: each.id === id }));
      return null;
    },
    async measureModel(id) {
      return task('Measuring a model', async (_, say) => {
        for (const done of [0, 1, 2]) {
          if (!say({ step: 'progress', what: `Measuring ${id}`, done, total: 3, unit: 'steps' }))
            return { step: 'cancelled' };
          await pause(500);
        }
        const at = new Date().toISOString();
        const speed = { machine: 'AMD EPYC, 2 threads', prefill: 1054.3, decode: 212.4, promptTokens: 512, at };
        models = models.map((each) => (each.id === id ? { ...each, speed } : each));
        return { step: 'finished' };
      });
    },
    async deployments() {
      return shelf.served(models, deployed);
    },
    async usage() {
      return [shelf.used];
    },
    async addDeployment(deployment) {
      if (!/^[\w.-]+$/.test(deployment.name)) throw new Refused(shelf.badName);
      deployed = [...deployed.filter((each) => each.name !== deployment.name), shelf.deployed(deployment)];
      return null;
    },
    async removeDeployment(name) {
      deployed = deployed.filter((each) => each.name !== name);
      return null;
    },
    async chat(messages, options) {
      return task('Answering', (id, say) => answer(id, say, messages, options.maxTokens));
    },
    async explainCheck(_, check) {
      return task('Asking the model', async (_id, say) => {
        for (const word of `The check ${check} found something else than it expected.`.split(/(?<= )/)) {
          if (!say({ step: 'output', text: word })) return { step: 'cancelled' };
          await pause(40);
        }
        return { step: 'finished' };
      });
    },
    async collections() {
      await pause(40);
      return structuredClone({ collections, unreadable: [] });
    },
    async createCollection({ name, dimension, metric, delayMillis }) {
      if (collections.some((each) => each.name === name)) throw new Refused(vectors.taken);
      const blank = { ...vectors.handbook(), points: 0, namespaces: [], behind: null, bytes: 24_000 };
      const made = {
        ...blank,
        name,
        dimension: dimension ?? 384,
        metric,
        delayMillis,
        model: dimension ? null : blank.model,
      };
      collections = [...collections, made];
      return made;
    },
    async deleteCollection(name) {
      collections = collections.filter((each) => each.name !== name);
      return null;
    },
    async ingest({ collection, folder }) {
      if (folder === '/nowhere') throw new Refused(vectors.unreadable);
      return task('Taking documents in', async (_, say) => {
        for (const done of [0, 1, 2, 3]) {
          const what = `runbooks/restore-${done}.md`;
          if (!say({ step: 'progress', what, done, total: 3, unit: 'steps' })) return { step: 'cancelled' };
          await pause(500);
        }
        for (const text of many ? thousands.unread() : ['scan.pdf holds no text: its pages are pictures.'])
          say({ step: 'output', text });
        say({ step: 'output', text: '3 new, 0 changed, 0 unchanged, 0 gone, 1 not read; 12 chunks written.' });
        const grown = vectors.handbook();
        collections = [...collections.filter((each) => each.name !== collection), { ...grown, name: collection }];
        return { step: 'finished' };
      });
    },
    async exportCollection(name, file) {
      return task('Writing a collection out', async (_, say) => {
        await pause(400);
        say({ step: 'output', text: `300 points of ${name} written to ${file}.` });
        return { step: 'finished' };
      });
    },
    async reembedCollection({ from, into }) {
      return task('Embedding texts anew', async (_, say) => {
        for (const done of [0, 64, 128]) {
          if (!say({ step: 'progress', what: `${from} into ${into}`, done, total: 192, unit: 'steps' }))
            return { step: 'cancelled' };
          await pause(500);
        }
        collections = [...collections.filter((each) => each.name !== into), { ...vectors.handbook(), name: into }];
        return { step: 'finished' };
      });
    },
    async rebuildCollection() {
      return task('Building an index', async () => {
        await pause(900);
        return { step: 'finished' };
      });
    },
    async changeIndex(name, change) {
      const before = collections.find((each) => each.name === name) ?? vectors.handbook();
      const after = vectors.changed(before, change);
      collections = collections.map((each) => (each === before ? after : each));
      return after;
    },
    async queryCollection({ sought, limit }) {
      await pause(120);
      return vectors.neighbours(limit, sought.by === 'point' ? sought.id : null);
    },
    async measureCollection() {
      return task('Measuring a collection', async (id, say) => {
        for (const [done, what] of [
          'Comparing every vector',
          'Weighing 16 candidates',
          'Weighing 512 candidates',
        ].entries()) {
          if (!say({ step: 'progress', what, done, total: 3, unit: 'steps' })) return { step: 'cancelled' };
          await pause(500);
        }
        emit({ type: 'measured', task: id, stands: vectors.stands() });
        return { step: 'finished' };
      });
    },
    async compareCollection({ conditions, qdrant }) {
      return task('Comparing engines', async (id, say) => {
        for (const share of qdrant === 'docker' ? [0.3, 0.8, 1] : []) {
          const what = 'Fetching qdrant/qdrant:v1.19.1';
          if (!say({ step: 'progress', what, done: share * 7e7, total: 7e7, unit: 'bytes' }))
            return { step: 'cancelled' };
          say({ step: 'part', name: 'a2abf6c4d29d', what: share < 1 ? 'Downloading' : 'Pull complete', share });
          await pause(500);
        }
        for (const [done, what] of ['Reading points', 'index', 'exact', 'qdrant'].entries()) {
          if (!say({ step: 'progress', what, done, total: 4, unit: 'steps' })) return { step: 'cancelled' };
          await pause(500);
        }
        emit({ type: 'compared', task: id, comparison: vectors.comparison(conditions.length > 0) });
        return { step: 'finished' };
      });
    },
    async collectionPlane(name, namespace, layout, field) {
      await pause(80);
      if (layout === 'neighbours' && !arranged.has(`${name} ${namespace}`)) return null;
      const spaces = collections.find((each) => each.name === name)?.namespaces ?? [];
      return vectors.plane(spaces.find((each) => each.name === namespace)?.points ?? 0, layout, field);
    },
    async arrangeCollection(name, namespace) {
      return task('Laying out neighbours', async (_, say) => {
        for (const done of [0, 250, 500]) {
          if (!say({ step: 'progress', what: 'Arranging', done, total: 500, unit: 'steps' }))
            return { step: 'cancelled' };
          await pause(600);
        }
        arranged.add(`${name} ${namespace}`);
        return { step: 'finished' };
      });
    },
    async cancel(id) {
      cancelled.add(id);
      return null;
    },
    async engine() {
      if (scene === 'trouble') throw new Refused(containers.notStarted);
      return { ...containers.engine, hasBase: images.length > 0 };
    },
    async bringBaseImage() {
      return task('Bringing the base image', async (_, say) => {
        say({ step: 'output', text: 'groundwork/python:3.11 is here.' });
        images = containers.images.slice(1);
        return { step: 'finished' };
      });
    },
    async containerFiles() {
      return scene === 'fresh' ? [] : containers.files;
    },
    async images() {
      return images;
    },
    async imageLayers() {
      return containers.layers;
    },
    async buildImage({ name }) {
      return task('Building an image', async (_, say) => {
        for (const [at, text] of containers.build.entries()) {
          const what = `Step ${at + 1} of ${containers.build.length}`;
          if (!say({ step: 'progress', what, done: at, total: containers.build.length, unit: 'steps' }))
            return { step: 'cancelled' };
          say({ step: 'output', text: text.replace('containers:dev', name) });
          await pause(300);
        }
        return { step: 'finished' };
      });
    },
    async removeImage(name) {
      images = images.filter((image) => !image.names.includes(name));
      return null;
    },
    async stacks() {
      return stacks;
    },
    async stackUp(file) {
      return task('Starting a stack', async (_, say) => {
        for (const [done, service] of ['store', 'migrate', 'api'].entries()) {
          if (!say({ step: 'progress', what: `Starting ${service}`, done, total: 3, unit: 'steps' }))
            return { step: 'cancelled' };
          await pause(600);
        }
        stacks = [{ ...containers.stack(), file }];
        return { step: 'finished' };
      });
    },
    async stackStop() {
      return task('Stopping a stack', async (_, say) => {
        say({ step: 'output', text: 'api: stopped' });
        stacks = stacks.map((stack) => ({
          ...stack,
          services: stack.services.map((each) => ({ ...each, state: 'exited', status: 'Exited (143) 1 second ago' })),
        }));
        return { step: 'finished' };
      });
    },
    async stackDown() {
      return task('Taking a stack down', async () => {
        stacks = [];
        return { step: 'finished' };
      });
    },
    async stackLogs({ service }) {
      return task('Reading a stack’s log', async (id, say) => {
        for (const text of ['store | ready to accept connections', 'api | Uvicorn running on http://0.0.0.0:8000'])
          if (service === null || text.startsWith(`${service} |`)) say({ step: 'output', text });
        while (!cancelled.has(id)) await new Promise((done) => setTimeout(done, 20));
        return { step: 'cancelled' };
      });
    },
    async stackUsage() {
      looks += 1;
      return containers.usage(looks);
    },
    async leftovers() {
      return leftovers;
    },
    async cleanUp(gone) {
      return task('Cleaning up', async (_, say) => {
        for (const left of gone) say({ step: 'output', text: `${left.name}: removed` });
        leftovers = leftovers.filter((left) => !gone.some((each) => each.id === left.id));
        return { step: 'finished' };
      });
    },
    async writeUp() {
      return portfolio.parts(lab, checks(), told);
    },
    async previewNarrative(lab, text) {
      return portfolio.shown(lab, text);
    },
    async keepNarrative(slug, text, revision) {
      const before = told(slug === null ? null : lab);
      if (before.revision !== revision) throw new Refused(portfolio.changed);
      const [at, markdown] = [new Date().toISOString(), portfolio.shown(slug, text)];
      narratives.set(slug, { ...before, text, revision: revision + 1, at, markdown });
      return told(slug === null ? null : lab);
    },
    async exportWriteUp(format) {
      return `${HOME}/portfolio.${format === 'html' ? 'html' : 'md'}`;
    },
    async usePack() {
      return null;
    },
    async allowPack() {
      lab.consent = null;
      return null;
    },
    async doctor() {
      await pause(300);
      return findings(scene === 'trouble', mended);
    },
    async repair() {
      return task('Bringing the base image', async (_, say) => {
        for (const done of [0, 40, 80]) {
          const step = { what: 'Fetching groundwork/python:3.11', done: done * 1e6, total: 120e6, unit: 'bytes' };
          if (!say({ step: 'progress', ...step })) return { step: 'cancelled' };
          await pause(500);
        }
        mended = true;
        say({ step: 'output', text: 'groundwork/python:3.11 is here.' });
        return { step: 'finished' };
      });
    },
    async folders() {
      return settings.folders(HOME, scene === 'fresh');
    },
    async folderBytes(kind) {
      await pause(400);
      return settings.sizes[kind];
    },
    async openFolder() {
      if (scene === 'trouble') throw new Refused(settings.noFileManager);
      return null;
    },
    async editors() {
      return settings.editors(editor, scene === 'trouble' ? noEditor : null);
    },
    async useEditor(command) {
      if (command?.includes('nowhere')) throw new Refused(settings.noSuchEditor(command));
      editor = command;
      return backend.editors();
    },
    async tryEditor() {
      const { problem, chosen, usual, installed } = await backend.editors();
      if (problem) throw new Refused(problem);
      return installed.find((each) => each.command === chosen)?.name ?? chosen ?? usual ?? '';
    },
    async keys() {
      return structuredClone(keys);
    },
    async renewKey(lab) {
      keys = keys.map((key) =>
        key.lab === lab && key.renewable ? { ...key, begins: 'gw-b81TkP', lastUsed: null } : key,
      );
      return null;
    },
    async transfer() {
      return { suggested: `${HOME}/groundwork-record-2026-03-02.db`, waiting };
    },
    async exportRecord(file) {
      await pause(200);
      return { file, holds: settings.record };
    },
    async layInRecord(file) {
      if (!file.endsWith('.db')) throw new Refused(settings.noRecord(file));
      waiting = settings.record;
      return waiting;
    },
    async callOffImport() {
      waiting = null;
      return null;
    },
    async reportStart() {
      return null;
    },
  };
  return scenes[scene]?.(backend) ?? backend;
}
