// A made-up orientation lab: each check with the outcome it has while wrong, if any, and the one it has when right.

import type { Check, Lab, Outcome, Step } from '../bindings.gen';
import { guides } from './guide';
import { library } from './library';

type Found = Omit<Outcome, 'check' | 'at' | 'millis'>;

const nothing: Found = {
  status: 'passed',
  stale: false,
  summary: '',
  expected: null,
  actual: null,
  place: null,
  nextStep: null,
  blockedBy: null,
  hint: null,
  measured: [],
};

interface Scripted {
  id: string;
  /** The file whose save puts it right. */
  file: string;
  wrong: Found;
  right: Found;
}

/** What each check finds before and after the learner has put it right, in the lab's order. */
export const script: Scripted[] = [
  {
    id: 'hello-there',
    file: 'hello.py',
    wrong: {
      ...nothing,
      status: 'failed',
      summary: 'There is no hello.py in the workspace.',
      expected: 'hello.py',
      actual: '(missing)',
      nextStep: 'Make a file named hello.py in the workspace folder.',
    },
    right: { ...nothing, summary: 'hello.py is there.' },
  },
  {
    id: 'hello-greets',
    file: 'hello.py',
    wrong: {
      ...nothing,
      status: 'failed',
      summary: 'Line 3 of hello.py prints another greeting.',
      expected: 'print("Hello from Groundwork")',
      actual: 'print("Hello from groundwork ")',
      place: { label: 'hello.py:3', path: 'hello.py', line: 3 },
      nextStep: 'Write the greeting with a capital G and no space at its end.',
    },
    right: {
      ...nothing,
      summary: 'hello.py prints the greeting.',
      place: { label: 'hello.py:3', path: 'hello.py', line: 3 },
    },
  },
  {
    id: 'hello-runs',
    file: 'hello.py',
    wrong: {
      ...nothing,
      status: 'failed',
      summary: 'python hello.py ended with code 1.',
      expected: 'exit code 0',
      actual:
        'Traceback (most recent call last):\n  File "hello.py", line 3\n    print("Hello from Groundwork"\n         ^\nSyntaxError: \'(\' was never closed',
      place: { label: 'python hello.py', path: null, line: null },
      nextStep: 'Close the bracket on line 3.',
    },
    right: {
      ...nothing,
      summary: 'python hello.py printed the greeting.',
      measured: [{ name: 'run time', value: '38', unit: 'ms' }],
    },
  },
  {
    id: 'settings-model',
    file: 'settings.json',
    wrong: {
      ...nothing,
      status: 'failed',
      summary: 'settings.json names a model that the gateway does not know. Only the letters’ case differs.',
      expected: 'smollm2-135m-instruct',
      actual: 'SmolLM2-135m-instruct',
      place: { label: 'settings.json:2', path: 'settings.json', line: 2 },
      nextStep: 'Write the model’s name in lower case.',
      hint: 'The Models screen shows the name as the gateway spells it.',
    },
    right: { ...nothing, summary: 'settings.json names the local model.' },
  },
  {
    id: 'health',
    file: 'service.py',
    wrong: {
      ...nothing,
      status: 'error',
      summary: 'The service could not be started: port 8000 is held by another program (python3, process 4121).',
      nextStep: 'End that program, or start the service again: it then gets another port.',
    },
    right: {
      ...nothing,
      summary: 'GET /health answered 200.',
      measured: [
        { name: 'status', value: '200', unit: '' },
        { name: 'time', value: '12.4', unit: 'ms' },
      ],
    },
  },
  {
    id: 'first-answer',
    file: 'ask.py',
    wrong: {
      ...nothing,
      status: 'blocked',
      summary: 'This check waits until settings.json names the local model.',
      blockedBy: 'settings-model',
    },
    right: {
      ...nothing,
      summary: 'Your program got 48 tokens from the local model.',
      measured: [
        { name: 'model', value: 'smollm2-135m-instruct', unit: '' },
        { name: 'tokens', value: '48', unit: '' },
        { name: 'first token', value: '210', unit: 'ms' },
        { name: 'speed', value: '61.3', unit: 'tok/s' },
      ],
    },
  },
  {
    id: 'stays-here',
    file: '',
    wrong: {
      ...nothing,
      status: 'failed',
      summary: 'One of the chosen options is not right.',
      expected: '(the right options)',
      actual: 'the package index',
      nextStep: 'Read the last paragraph of the guide again.',
    },
    right: { ...nothing, summary: 'Right: the model and the record are on this machine.' },
  },
];

/** What the last step of the scene `telling` asks for. */
const told: Scripted[] = [
  {
    id: 'traced',
    file: '',
    wrong: { ...nothing, status: 'failed', summary: 'No span came in.', nextStep: 'Export one from ask.py.' },
    right: { ...nothing, summary: 'The trace holds both spans.' },
  },
  {
    id: 'joined',
    file: '',
    wrong: {
      ...nothing,
      status: 'failed',
      summary: 'No entry of the sort community yet.',
      nextStep: 'Write one down.',
    },
    right: { ...nothing, summary: '1 entry of the sort community.' },
  },
];

const titles: Record<string, [title: string, kind: string, hints: string[]]> = {
  'hello-there': ['The workspace has a hello.py', 'file', []],
  'hello-greets': [
    'hello.py greets',
    'text',
    ['Compare the two lines letter by letter.', 'The greeting ends right after the k.'],
  ],
  'hello-runs': ['python hello.py prints the greeting', 'command', ['Run it in a terminal yourself first.']],
  'settings-model': [
    'settings.json names the local model',
    'data',
    [
      'Names are compared letter by letter.',
      'The gateway lists its models at /v1/models.',
      'The whole line reads: "model": "smollm2-135m-instruct"',
    ],
  ],
  health: ['The service answers GET /health', 'http', ['A route that returns a dict answers with status 200.']],
  'first-answer': [
    'Your code got an answer from the model',
    'gateway',
    ['The activation file sets the base URL and the key.'],
  ],
  traced: ['The program tells of its call', 'trace', []],
  joined: ['You joined a community', 'entry', []],
  'stays-here': ['What leaves this machine', 'quiz', ['Think of a laptop in a train with no signal.']],
};

type Planned = [id: string, title: string, checks: string[]];

const telling: Planned = ['telling', 'Tell of it', ['traced', 'joined']];

const steps: Planned[] = [
  ['workspace', 'Find your workspace', ['hello-there', 'hello-greets']],
  ['python', 'Run a program', ['hello-runs']],
  ['model', 'Ask the local model', ['settings-model', 'health', 'first-answer']],
  ['privacy', 'Know what stays here', ['stays-here']],
];

/** The outcome of a check as the script has it. */
export function outcome(id: string, right: boolean): Outcome {
  const found = [...script, ...told].find((each) => each.id === id)?.[right ? 'right' : 'wrong'] ?? nothing;
  return { ...found, check: id, at: new Date().toISOString(), millis: 4 + ((id.length * 37) % 900) };
}

/** The lab, not started; with `more`, a last step that asks for an entry and a trace. */
export function lab(more = false): Lab {
  return {
    slug: 'orientation',
    title: 'Orientation',
    summary: 'A workspace, a first green check and a first answer from the local model.',
    minutes: 40,
    skills: ['Python environments', 'HTTP services', 'model endpoints'],
    needs: { python: true, docker: 'no', memoryMb: 1024, diskMb: 200 },
    steps: [...steps, ...(more ? [telling] : [])].map(([id, title, checks]): Step => ({
      id,
      title,
      guide: guides[id] ?? [],
      checks: checks.map((each): Check => {
        const [name, kind, hints] = titles[each] ?? [each, 'file', []];
        return {
          id: each,
          title: name,
          kind,
          outcome: null,
          hints,
          quiz: each === 'stays-here' ? quiz() : null,
          entry: each === 'joined' ? { sort: 'community', atLeast: 1, minWords: 5, url: true } : null,
        };
      }),
    })),
    consent: null,
    workspace: null,
    newVersion: null,
    services: [{ name: 'service', state: 'stopped', url: null, detail: null }],
    running: [],
    resources: library.filter((each) => each.labs.includes('orientation')),
  };
}

function quiz(): Check['quiz'] {
  return {
    question: 'Which of these can be done with the network off?',
    options: [
      { id: 'answer', text: 'Getting an answer from the model' },
      { id: 'record', text: 'Keeping the record of passed checks' },
      { id: 'index', text: 'Reading the public package index' },
    ],
    several: true,
    chosen: [],
  };
}
