// The whole window over the scripted backend, and what tests ask of it.

import { render } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterAll, vi } from 'vitest';

import { provide, type Backend } from './backend/backend';
import { fake, type Fake } from './backend/fake';
import { containers } from './containers/containers.svelte';
import { forgetLabs } from './lab/lab.svelte';
import { starting } from './lab/starting.svelte';
import { forget } from './lab/terminal/terminal.svelte';
import App from './shell/App.svelte';
import { overlay } from './shell/commands.svelte';
import { models } from './models/models.svelte';
import { playground } from './models/playground.svelte';
import { plan } from './plan/plan.svelte';
import { portfolio } from './portfolio/portfolio.svelte';
import { repairs } from './settings/repairs.svelte';
import { router, parse } from './shell/route.svelte';
import { vectors } from './vectors/vectors.svelte';

export { expectAccessible } from './test.accessible';

// The window brings the Lab's files beforehand: a test that ends sooner would end before they are there.
afterAll(() => import('./lab/LabScreen.svelte'), 120_000);

/** Opens the window at an address. `changes` replaces some commands. */
export function openWindow(hash: string, scene = 'working', changes: Partial<Backend> = {}) {
  const scripted = fake(new URLSearchParams({ scene, pace: '0' }));
  const backend: Fake = Object.assign(scripted, changes);
  provide(backend);
  // Each test gets a window that has just been opened.
  plan.plan = null;
  plan.problem = null;
  models.reset();
  playground.clear();
  playground.draft = '';
  vectors.reset();
  containers.reset();
  portfolio.reset();
  repairs.reset();
  overlay.shown = null;
  forget();
  forgetLabs();
  starting.clear('orientation');
  location.hash = hash;
  router.now = parse(hash);
  return { backend, user: userEvent.setup(), ...render(App) };
}

export const row = (check: string) => {
  const found = document.querySelector<HTMLElement>(`[data-check="${check}"]`);
  if (!found) throw new Error(`no row for ${check}`);
  return found;
};

/** Each check's status as its row shows it, in order. */
export const statuses = () =>
  [...document.querySelectorAll<HTMLElement>('[data-check]')].map((each) => each.dataset.status);

/** Waits until the assertion holds. */
export const eventually = (assertion: () => void, patience: { timeout?: number } = {}) =>
  vi.waitFor(assertion, { timeout: 10_000, ...patience });
