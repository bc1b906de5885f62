import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { Refused, type ChatOptions, type Message } from '../backend/backend';
import { eventually, expectAccessible, openWindow } from '../test.window';

const ask = async (user: ReturnType<typeof openWindow>['user'], question: string) => {
  const message = await screen.findByRole('textbox', { name: 'Message' });
  await eventually(() => expect(message).toHaveProperty('disabled', false));
  await user.type(message, `${question}{Enter}`);
};

test('the screen shows the model, the device and why, and the gateway', async () => {
  openWindow('#/models');
  const card = await screen.findByRole('region', { name: 'SmolLM2 135M Instruct' });
  for (const fact of ['98 MB', 'Apache-2.0', '2,048 tokens', 'Q4_1']) expect(within(card).getByText(fact)).toBeTruthy();
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
