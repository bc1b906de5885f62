// The terminal of a lab: the screen that xterm.js draws, and the learner's shell behind it. Both stay while other
// screens are shown.

import '../../language/en/guide';

import type { FitAddon } from '@xterm/addon-fit';
import type { Terminal as Screen } from '@xterm/xterm';

import { backend, problemOf, type Event, type Problem } from '../../backend/backend';
import { copy } from '../../components/clipboard';
import { notices } from '../../components/notices.svelte';
import { t } from '../../language/language';
import { hear } from '../../shell/events';
import { recall, remember } from '../../shell/memory';
import { colours, font } from './look';
import { strict } from './strict';

/** A shell that has just started is taken to be ready when it has said nothing for so long. */
const QUIET_MS = 150;
/** And after so long in any case: its start-up files may print without end, or it has no prompt. */
const PATIENCE_MS = 2000;

type Output = Extract<Event, { type: 'terminal_output' | 'terminal_ended' }>;

export class LabTerminal {
  /** Whether a screen reader can read it. Tab then goes on to what comes next, instead of to the shell. */
  aloud = $state(recall('terminal-aloud') === 'yes');
  state = $state<'none' | 'starting' | 'running' | 'ended'>('none');
  problem = $state<Problem | null>(null);
  /** What a page shows of it. */
  readonly host = document.createElement('div');

  #started: Promise<void> = Promise.resolve();
  #screen: Screen | null = null;
  #fit: FitAddon | null = null;
  /** Of the shell that runs. */
  #number: number | null = null;
  /** What was heard of a shell before its number was known. */
  #early: Output[] = [];
  #typed = '';
  #typing = false;
  #spoke = 0;
  /** The command that waits to be typed. */
  #wanted: string | null = null;

  /** `leave` puts the focus outside: every other key is the shell's. */
  constructor(
    readonly slug: string,
    readonly leave: () => void,
  ) {
    this.host.className = 'host';
    hear((event) => {
      if ((event.type === 'terminal_output' || event.type === 'terminal_ended') && event.lab === slug)
        this.#heard(event);
    });
  }

  /** Starts a shell unless one runs. The host must be on the page. */
  start(): Promise<void> {
    if (this.state !== 'starting' && this.state !== 'running') this.#started = this.#start();
    return this.#started;
  }

  async #start(): Promise<void> {
    this.state = 'starting';
    this.problem = null;
    this.#early = [];
    this.#typed = '';
    this.#spoke = 0;
    try {
      const screen = (this.#screen ??= await this.#draw());
      screen.reset();
      this.fit();
      this.#number = await backend().openTerminal(this.slug, { columns: screen.cols, rows: screen.rows });
      this.state = 'running';
      for (const event of this.#early.splice(0)) this.#heard(event);
    } catch (thrown) {
      this.state = 'ended';
      this.problem = problemOf(thrown);
    }
  }

  /** Fills the place that the host has now. */
  fit(): void {
    if (this.host.clientHeight > 0) this.#fit?.fit();
  }

  readAloud(aloud: boolean): void {
    this.aloud = aloud;
    remember('terminal-aloud', aloud ? 'yes' : null);
    if (this.#screen) this.#screen.options.screenReaderMode = aloud;
  }

  focus(): void {
    this.#screen?.focus();
  }

  /** Types a command of the guide and sends it off, unless something else would get it. Of several, the last. */
  async run(code: string): Promise<void> {
    const another = this.#wanted !== null;
    this.#wanted = code;
    if (another) return;
    const fresh = this.state !== 'running' || this.#spoke === 0;
    await this.start();
    if (fresh) await this.#ready();
    await this.#hand();
    this.#wanted = null;
    this.focus();
  }

  async #ready(): Promise<void> {
    const began = performance.now();
    const quiet = () => this.#spoke > 0 && performance.now() - this.#spoke >= QUIET_MS;
    while (this.state === 'running' && !quiet() && performance.now() - began < PATIENCE_MS)
      await new Promise((done) => setTimeout(done, QUIET_MS / 3));
  }

  async #hand(): Promise<void> {
    if (this.#number === null) return;
    await notices.watch(
      backend()
        .terminalIsBusy(this.slug, this.#number)
        .then((busy) => {
          if (busy) return notices.passing(occupied);
          this.#screen?.paste(this.#wanted ?? '');
          this.#type('\r');
        }),
    );
  }

  async #draw(): Promise<Screen> {
    const [{ Terminal }, { FitAddon }] = await Promise.all([
      import('@xterm/xterm'),
      import('@xterm/addon-fit'),
      import('@xterm/xterm/css/xterm.css'),
      // Cells are measured once: in the font that is drawn.
      document.fonts?.load(`${font.size}px ${font.family}`),
    ]);
    Terminal.strings.promptLabel = t('below.terminal');
    Terminal.strings.tooMuchOutput = t('terminal.tooMuch');
    const screen = new Terminal({
      fontFamily: font.family,
      fontSize: font.size,
      lineHeight: 1.1,
      theme: colours(),
      minimumContrastRatio: 4.5,
      scrollback: 5000,
      screenReaderMode: this.aloud,
      documentOverride: strict(document),
    });
    this.#fit = new FitAddon();
    screen.loadAddon(this.#fit);
    screen.open(this.host);
    screen.onData((text) => this.#type(text));
    screen.onResize(({ cols, rows }) => {
      if (this.#number === null) return;
      backend().resizeTerminal(this.slug, this.#number, { columns: cols, rows }).catch(gone);
    });
    screen.attachCustomKeyEventHandler((event) => this.#key(event));
    new MutationObserver(() => (screen.options.theme = colours())).observe(document.documentElement, {
      attributeFilter: ['data-theme', 'data-contrast'],
    });
    return screen;
  }

  /** Answers whether the shell gets the key. */
  #key(event: KeyboardEvent): boolean {
    if (event.key === 'F6') {
      if (event.type === 'keydown') this.leave();
      return false;
    }
    if (event.type === 'keydown' && event.ctrlKey && event.shiftKey && event.code === 'KeyC') {
      event.preventDefault();
      void copy(this.#screen?.getSelection() ?? '');
      return false;
    }
    return true;
  }

  #heard(event: Output): void {
    if (this.#number === null) {
      if (this.state === 'starting') this.#early.push(event);
      return;
    }
    if (event.terminal !== this.#number) return;
    if (event.type === 'terminal_ended') {
      this.#number = null;
      this.state = 'ended';
      return;
    }
    this.#spoke = performance.now();
    // Only so much is sent ahead of what is drawn.
    this.#screen?.write(event.text, () => {
      if (this.#number === event.terminal) backend().drawnInTerminal(this.slug, event.terminal, 1).catch(gone);
    });
  }

  /** One message at a time: two that were under way might change places. */
  #type(text: string): void {
    this.#typed += text;
    if (!this.#typing) void this.#send();
  }

  async #send(): Promise<void> {
    this.#typing = true;
    while (this.#typed !== '' && this.#number !== null) {
      const text = this.#typed;
      this.#typed = '';
      await backend().typeInTerminal(this.slug, this.#number, text).catch(gone);
    }
    this.#typing = false;
  }
}

const occupied: Problem = {
  code: 'terminal.busy',
  message: t('terminal.busy'),
  nextStep: t('terminal.busy.next'),
  owner: 'learner',
};

/** The shell ended meanwhile, which is told by an event. */
function gone(): void {}

let all: Record<string, LabTerminal> = {};

/** The one terminal of a lab, as long as the window is open. */
export function terminalOf(slug: string, leave: () => void): LabTerminal {
  return (all[slug] ??= new LabTerminal(slug, leave));
}

/** For tests, which open several windows. */
export function forget(): void {
  all = {};
}
