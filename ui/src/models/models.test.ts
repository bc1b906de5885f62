import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { Refused, type ChatOptions, type Message, type NewDeployment, type Problem } from '../backend/backend';
import { eventually, expectAccessible, openWindow } from '../test.window';

const ask = async (user: ReturnType<typeof openWindow>['user'], question: string) => {
  const message = await screen.findByRole('textbox', { name: 'Message' });
  await eventually(() => expect(message).toHaveProperty('disabled', false));
  await user.type(message, `${question}{Enter}`);
};

test('the screen shows the model, the device and why, and the gateway', async () => {
  openWindow('#/models');
  const card = await screen.findByRole('region', { name: 'SmolLM2 135M Instruct' });
  for (const fact of ['98 MB', 'Apache-2.0', '2,048 tokens', 'Q4_1', 'Default'])
    expect(within(card).getByText(fact)).toBeTruthy();
  expect(screen.getByText(/libcuda.so.1 was not found/)).toBeTruthy();
  expect(screen.getByText('http://127.0.0.1:11535/v1')).toBeTruthy();
  await expectAccessible();
});

test('what cannot be used says why and what to do', async () => {
  openWindow('#/models', 'trouble');
  await screen.findByText('The model file is not there.');
  expect(screen.getByText(/Port 11535 is held/)).toBeTruthy();
  expect(screen.getByRole('textbox', { name: 'Message' })).toHaveProperty('disabled', true);
  await expectAccessible();
});

const card = (title: string) => screen.findByRole('region', { name: title });
const press = async (user: ReturnType<typeof openWindow>['user'], part: HTMLElement, name: string) =>
  user.click(within(part).getByRole('button', { name }));

test('a model of the catalogue is downloaded, measured, made the default and removed', async () => {
  const { user } = openWindow('#/models');
  const gemma = await card('Gemma 3 270M');
  expect(within(gemma).getByText('Not installed')).toBeTruthy();
  await press(user, gemma, 'Download 253 MB');
  await eventually(() => expect(within(gemma).getByText('Installed')).toBeTruthy());
  expect(screen.getByText('gemma-3-270m is installed.')).toBeTruthy();
  await press(user, gemma, 'Measure');
  await eventually(() => expect(gemma.textContent).toContain('Reads 1,054 and writes 212 tokens/s here'));
  await press(user, gemma, 'Make default');
  await eventually(() => expect(within(gemma).getByText('Default')).toBeTruthy());
  expect(within(await card('SmolLM2 135M Instruct')).queryByText('Default')).toBeNull();
  await expectAccessible();
  await press(user, gemma, 'Remove');
  await press(user, await screen.findByRole('dialog'), 'Remove');
  await eventually(() => expect(within(gemma).getByText('Not installed')).toBeTruthy());
});

test('a download can be cancelled, and one that fails says why in its card', async () => {
  let fails = false;
  const { backend, user } = openWindow('#/models', 'working', {
    downloadModel: async () => {
      backend.emit({ type: 'task', task: 2091, step: { step: 'started', title: 'Downloading a model' } });
      const problem = {
        code: 'models.unreachable',
        message: 'No network.',
        nextStep: 'Go on later.',
        owner: 'learner',
      };
      if (fails) backend.emit({ type: 'task', task: 2091, step: { step: 'failed', problem: problem as Problem } });
      return 2091;
    },
    cancel: async (task) => {
      backend.emit({ type: 'task', task, step: { step: 'cancelled' } });
      return null;
    },
  });
  const gemma = await card('Gemma 3 270M');
  await press(user, gemma, 'Download 253 MB');
  await user.click(await within(gemma).findByRole('button', { name: 'Cancel' }));
  await within(gemma).findByRole('button', { name: 'Download 253 MB' });
  expect(within(gemma).queryByRole('alert')).toBeNull();
  fails = true;
  await press(user, gemma, 'Download 253 MB');
  expect((await within(gemma).findByRole('alert')).textContent).toContain('Go on later.');
  await within(gemma).findByRole('button', { name: 'Download 253 MB' });
});

test('a file is imported by its path under a name of its own', async () => {
  const { user } = openWindow('#/models');
  await screen.findByText('Gemma 3 270M');
  await user.click(screen.getByRole('button', { name: 'Add' }));
  const dialog = await screen.findByRole('dialog', { name: 'Add a model' });
  const go = within(dialog).getByRole('button', { name: 'Import' });
  expect(go).toHaveProperty('disabled', true);
  await user.type(within(dialog).getByRole('textbox', { name: /^File/ }), '/home/ada/page.gguf');
  await expectAccessible();
  await user.click(go);
  expect((await screen.findByRole('alert')).textContent).toContain('is not a GGUF model file');
  await user.click(screen.getByRole('button', { name: 'Add' }));
  await user.type(screen.getByRole('textbox', { name: /^File/ }), '/home/ada/qwen3.gguf');
  await user.type(screen.getByRole('textbox', { name: /^Name/ }), 'mine');
  await user.click(screen.getByRole('button', { name: 'Import' }));
  await eventually(() => expect(screen.getByText('mine is installed.')).toBeTruthy());
  expect(screen.queryByRole('alert')).toBeNull();
  expect(within(await card('mine')).getByText('/home/ada/qwen3.gguf', { selector: '.mono' })).toBeTruthy();
});

test('an address wants to be one, and its SHA-256 whole', async () => {
  const asked: unknown[] = [];
  const { user } = openWindow('#/models', 'working', {
    downloadModel: async (...given) => {
      asked.push(given);
      throw new Refused({ code: 'x', message: 'Not now.', nextStep: 'Later.', owner: 'learner' });
    },
  });
  await screen.findByText('Gemma 3 270M');
  await user.click(screen.getByRole('button', { name: 'Add' }));
  await user.click(screen.getByRole('radio', { name: 'to be downloaded' }));
  const go = screen.getByRole('button', { name: 'Download' });
  const [address, sum] = [
    screen.getByRole('textbox', { name: /^Address/ }),
    screen.getByRole('textbox', { name: /^SHA/ }),
  ];
  await user.type(address, 'models/a.gguf');
  expect(go).toHaveProperty('disabled', true);
  await user.clear(address);
  await user.type(address, 'https://host/a.gguf');
  await user.type(sum, 'abc');
  expect(go).toHaveProperty('disabled', true);
  await user.clear(sum);
  await user.type(sum, 'A'.repeat(64));
  await user.click(go);
  // It stays open, with the reason.
  expect((await screen.findByRole('alert')).textContent).toContain('Not now.');
  expect(asked).toEqual([['https://host/a.gguf', null, 'A'.repeat(64)]]);
});

test('deployments say where they lead and what they took, and are made and removed', async () => {
  const { user } = openWindow('#/models');
  const deployments = await card('Deployments');
  expect(deployments.textContent).toContain('12 calls · 4,600 tokens · 0.0013 USD');
  await press(user, deployments, 'New');
  const name = await screen.findByRole('textbox', { name: /^Name/ });
  await user.type(name, 'a b');
  await user.click(screen.getByRole('button', { name: 'Serve it' }));
  expect((await screen.findByRole('alert')).textContent).toContain('letters, digits');
  await user.clear(name);
  await user.type(name, 'gpt-4.1');
  await user.type(screen.getByRole('spinbutton', { name: 'Tokens a minute' }), '6000');
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Serve it' }));
  await eventually(() => expect(deployments.textContent).toContain('to smollm2-135m-instruct · 6,000 tokens/min'));
  expect(screen.queryByRole('dialog')).toBeNull();
  await press(user, deployments, 'Remove gpt-4.1');
  await eventually(() => expect(within(deployments).queryByText('gpt-4.1')).toBeNull());
});

test('a deployment on another server takes an address, a name there and a key', async () => {
  const asked: NewDeployment[] = [];
  const { user } = openWindow('#/models', 'working', {
    addDeployment: async (deployment) => {
      asked.push(deployment);
      return null;
    },
  });
  await press(user, await card('Deployments'), 'New');
  await user.type(await screen.findByRole('textbox', { name: /^Name/ }), 'team');
  await user.click(screen.getByRole('radio', { name: 'on another server' }));
  expect(screen.getByRole('button', { name: 'Serve it' })).toHaveProperty('disabled', true);
  await user.type(screen.getByRole('textbox', { name: /^Base URL/ }), 'http://gpu-1:8000/v1');
  await user.type(screen.getByRole('textbox', { name: 'Its name there' }), 'Qwen/Qwen3-8B');
  await user.type(screen.getByLabelText('Key'), 'sk-1');
  await user.click(screen.getByRole('button', { name: 'Serve it' }));
  await eventually(() => expect(asked).toHaveLength(1));
  expect(asked[0]).toEqual({
    name: 'team',
    model: 'Qwen/Qwen3-8B',
    url: 'http://gpu-1:8000/v1',
    key: 'sk-1',
    dimension: null,
    tokensPerMinute: null,
    requestsPerMinute: null,
  });
});

test('an answer streams in and ends with its figures', async () => {
  const { user } = openWindow('#/models');
  await ask(user, 'Hello?');
  await eventually(() => expect(screen.getByTestId('answer').textContent).toContain('worked out.'));
  await eventually(() => expect(screen.getByTestId('figures').textContent).toContain('58.4 tok/s'));
  expect(screen.getByTestId('figures').textContent).toContain('first token 0.21 s');
  expect(screen.getByText(/^Context \d+ of 2,048 tokens$/)).toBeTruthy();
  await expectAccessible();
});

test('Stop cancels, and what was said so far stays', async () => {
  const cancelled: number[] = [];
  const { backend, user } = openWindow('#/models', 'working', {
    chat: async () => {
      backend.emit({ type: 'task', task: 1091, step: { step: 'started', title: 'Answering' } });
      backend.emit({ type: 'task', task: 1091, step: { step: 'output', text: 'One ' } });
      backend.emit({ type: 'task', task: 1091, step: { step: 'output', text: 'two' } });
      return 1091;
    },
    cancel: async (task) => {
      cancelled.push(task);
      backend.emit({ type: 'task', task, step: { step: 'cancelled' } });
      return null;
    },
  });
  await ask(user, 'Count');
  await user.click(await screen.findByRole('button', { name: 'Stop' }));
  await screen.findByRole('button', { name: 'Send' });
  expect(cancelled).toEqual([1091]);
  expect(screen.getByTestId('answer').textContent).toBe('One two');
  expect(screen.getByTestId('figures').textContent).toContain('Stopped');
});

test('the settings and the conversation so far go with each question', async () => {
  const asked: [Message[], ChatOptions][] = [];
  const { backend, user } = openWindow('#/models');
  const { chat } = backend;
  backend.chat = (messages, options) => {
    asked.push([messages, options]);
    return chat(messages, options);
  };
  await user.type(await screen.findByRole('spinbutton', { name: 'Seed' }), '7');
  await user.clear(screen.getByRole('spinbutton', { name: 'Temperature' }));
  await user.type(screen.getByRole('spinbutton', { name: 'Temperature' }), '9');
  await ask(user, 'First');
  await eventually(() => expect(screen.getByTestId('figures').textContent).toContain('tok/s'));
  await ask(user, 'Second');
  await eventually(() => expect(asked).toHaveLength(2));
  expect(asked[0]?.[1]).toEqual({ maxTokens: 256, temperature: 2, topP: 0.9, seed: 7 });
  expect(asked[1]?.[0].map((message) => message.role)).toEqual(['user', 'assistant', 'user']);
});

test('a question that is half typed is there again after a look at another screen', async () => {
  const { user } = openWindow('#/models');
  const message = await screen.findByRole('textbox', { name: 'Message' });
  await eventually(() => expect(message).toHaveProperty('disabled', false));
  await user.type(message, 'What is a read');
  await user.keyboard('{Control>}1{/Control}');
  await screen.findByRole('main', { name: 'Plan' });
  await user.keyboard('{Control>}3{/Control}');
  expect(await screen.findByRole('textbox', { name: 'Message' })).toHaveProperty('value', 'What is a read');
});

test('a refused question says why', async () => {
  const { user } = openWindow('#/models', 'working', {
    chat: async () => {
      throw new Refused({
        code: 'model.context',
        message: 'The conversation needs 2,300 tokens; the model has 2,048.',
        nextStep: 'Begin a new chat.',
        owner: 'learner',
      });
    },
  });
  await ask(user, 'Too long');
  expect((await screen.findByRole('alert')).textContent).toContain('Begin a new chat.');
  expect(screen.getByRole('button', { name: 'Send' })).toBeTruthy();
});
