// What the scripted product knows of its made-up machine: calls, models, findings, and the ways to refuse.

import type { Call, Finding, Problem } from '../bindings.gen';

export function call(status: number, tokens: number): Call {
  const bad = status >= 400;
  return {
    at: new Date().toISOString(),
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

export function findings(trouble: boolean): Finding[] {
  return [
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
      nextStep: trouble ? 'Open the workspace folder by hand, or set EDITOR to a program with a window.' : null,
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
}

export const noPython: Problem = {
  code: 'workspaces.no_python',
  message: 'No Python 3.10 or newer was found.',
  nextStep: 'Install it with “sudo apt install python3 python3-venv”, then try again.',
  owner: 'learner',
};

export const noEditor: Problem = {
  code: 'workspaces.no_editor',
  message: 'No editor with a window was found.',
  nextStep: 'Open the workspace folder by hand, or set EDITOR to a program with a window.',
  owner: 'learner',
};

export const noModel: Problem = {
  code: 'model.missing',
  message: 'The model file is not there.',
  nextStep: 'Run “cargo xtask run” once: it puts the file in place and checks it.',
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
