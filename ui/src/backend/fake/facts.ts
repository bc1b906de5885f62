// What the scripted product knows of its made-up machine: calls, models, findings, and the ways to refuse.

import type { BodyEnd, Call, Consent, Exchange, ExchangeBody, Finding, Problem } from '../bindings.gen';

let calls = 0;

export function call(status: number, tokens: number): Call {
  const bad = status >= 400;
  return {
    // No two are of one moment.
    at: new Date(Date.now() + ++calls).toISOString(),
    method: 'POST',
    path: '/v1/chat/completions',
    dialect: 'openai',
    status,
    model: bad ? null : 'smollm2-135m-instruct',
    stream: !bad,
    promptTokens: bad ? 0 : 27,
    completionTokens: tokens,
    finishReason: bad ? null : 'stop',
    firstTokenMs: bad ? null : 214.2,
    millis: bad ? 1.2 : 980,
    error: bad ? 'model_not_found' : null,
    injected: null,
  };
}

const body = (text: string | null, cut = false, end: BodyEnd = 'whole'): ExchangeBody => ({
  text,
  size: cut ? 1.2e6 : (text?.length ?? 840),
  cut,
  end,
});

/** What a call sent and got; one that met a fault has bodies with something missing. */
export function exchange({ status, stream, injected }: Call): Exchange {
  const messages = [{ role: 'user', content: 'What is a gateway?' }];
  const request = JSON.stringify({ model: 'smollm2-135m-instruct', messages, stream, temperature: 0.5 });
  if (injected)
    return { request: body(request, true), response: body(status === 429 ? null : 'data: {"', false, 'broken') };
  const piece = JSON.stringify({ choices: [{ delta: { content: 'A door.' } }] });
  const answer = stream ? `data: ${piece}\n\ndata: [DONE]\n\n` : '{"error":{"code":"model_not_found","param":null}}';
  return { request: body(request), response: body(answer) };
}

export function findings(trouble: boolean, mended: boolean): Finding[] {
  const missing = trouble && !mended;
  const found: Omit<Finding, 'repair'>[] = [
    { name: 'Labs', state: 'good', detail: '1 lab in /opt/groundwork/labs.', nextStep: null },
    {
      name: 'Python',
      state: trouble ? 'bad' : 'good',
      detail: trouble ? 'No python3 was found on the PATH.' : 'Python 3.11.2 at /usr/bin/python3, with venv.',
      nextStep: trouble ? noPython.nextStep : null,
    },
    {
      name: 'Editor',
      state: trouble ? 'warning' : 'good',
      detail: trouble ? 'No editor with a window was found.' : 'Visual Studio Code at /usr/bin/code.',
      nextStep: trouble ? noEditor.nextStep : null,
    },
    {
      name: 'Model',
      state: trouble ? 'bad' : 'good',
      detail: trouble ? noModel.message : 'SmolLM2 135M Instruct is whole.',
      nextStep: trouble ? noModel.nextStep : null,
    },
    {
      name: 'Gateway',
      state: trouble ? 'bad' : 'good',
      detail: trouble ? portTaken.message : 'Listens on 127.0.0.1:11535.',
      nextStep: trouble ? portTaken.nextStep : null,
    },
    {
      name: 'Journal',
      state: 'good',
      detail: 'Whole, at /home/ada/.local/share/groundwork/journal.db.',
      nextStep: null,
    },
  ];
  const image: Finding = {
    name: 'Base image',
    state: missing ? 'warning' : 'good',
    detail: missing
      ? 'groundwork/python:3.11 is not here, and labs about containers build their images from it.'
      : 'groundwork/python:3.11',
    nextStep: missing ? 'Bring it: groundwork image base.' : null,
    repair: missing ? { by: 'base_image' } : null,
  };
  return [...found.map((finding) => ({ ...finding, repair: null })), image];
}

export const noPython: Problem = {
  code: 'workspaces.no_python',
  message: 'No Python 3.10 or newer was found.',
  nextStep: 'Install it with “sudo apt install python3 python3-venv”, then try again.',
  owner: 'learner',
};

export const noEditor: Problem = {
  code: 'editor.none',
  message: 'No editor with a window was found.',
  nextStep: 'Install Visual Studio Code, or choose an editor in Settings or with `groundwork editor use`.',
  owner: 'learner',
};

export const noModel: Problem = {
  code: 'model.missing',
  message: 'The model file is not there.',
  nextStep: 'Get it again with “groundwork model download” and its name, or install Groundwork again.',
  owner: 'product',
};

export const portTaken: Problem = {
  code: 'gateway.port_taken',
  message: 'Port 11535 is held by another program (python3, process 4121).',
  nextStep: 'End that program, or start Groundwork with another port: --port 11536.',
  owner: 'learner',
};

export const brokenPack: Problem = {
  code: 'curriculum.syntax',
  message: 'labs/pack.toml:12:3: a closing quote is missing.',
  nextStep: 'Mend the line, then try again.',
  owner: 'learner',
};

export function noSuchLab(slug: string): Problem {
  return {
    code: 'workbench.no_lab',
    message: `There is no lab “${slug}” in this pack.`,
    nextStep: 'Go back to the Plan and pick one of its labs.',
    owner: 'learner',
  };
}

export function noAddress(url: string): Problem {
  return {
    code: 'entry.url',
    message: `"${url}" is not an address of the web.`,
    nextStep: 'Write it whole, like https://discuss.python.org/t/1.',
    owner: 'learner',
  };
}

export const failed: Problem = {
  code: 'journal.busy',
  message: 'The record of this machine is held by another program.',
  nextStep: 'End that program, then try again.',
  owner: 'learner',
};

/** What the labs of a pack from elsewhere may run. */
export const consent: Consent = {
  title: 'Caches',
  version: 2,
  authors: ['Grace'],
  digest: 'd',
  confinement: 'programs see their folder alone',
  labs: [
    { slug: 'orientation', title: 'Caching', services: ['api: python -m api'], programs: ['pytest'], packages: [] },
    { slug: 'queues', title: 'Queues', services: [], programs: [], packages: [] },
  ],
};
