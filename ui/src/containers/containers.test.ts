import '../language/en/containers';

import { screen, within } from '@testing-library/svelte';
import { expect, test, vi } from 'vitest';

import { Refused, type Leftover, type NewImage, type TaskStep } from '../backend/backend';
import { notStarted, stack as scripted } from '../backend/fake/containers';
import { eventually, expectAccessible, openWindow } from '../test.window';
import { containers, place, standing } from './containers.svelte';

test('the first stack is shown with its services, their health, addresses and log', async () => {
  openWindow('#/containers');
  expect(await screen.findByRole('heading', { name: 'groundwork-orientation-1a2b3c' })).toBeTruthy();
  expect(screen.getByText(/^Docker 20\.10\.24/).textContent).toContain('8 cores, 17 GB of memory');
  expect(screen.getByRole('button', { name: /^orientation\/compose\.yaml 2 of 2 running/ })).toBeTruthy();
  const table = within(screen.getByRole('region', { name: 'Services' }));
  const cells = (row: HTMLElement) =>
    within(row)
      .getAllByRole('cell')
      .map((cell) => cell.textContent.trim());
  const rows = table.getAllByRole('row').slice(1);
  expect(rows.map((row) => within(row).getByRole('rowheader').textContent)).toEqual(['api', 'migrate', 'store']);
  expect(rows.map((row) => cells(row).slice(0, 2))).toEqual([
    ['Up 3 minutes (healthy)', '127.0.0.1:49153'],
    ['Exited (0) 3 minutes ago', ''],
    ['Up 3 minutes (unhealthy)', ''],
  ]);
  await eventually(() => expect(screen.getByRole('log').textContent).toContain('store | ready to accept'));
  await expectAccessible();
});

test('what services take is drawn and told, and one service’s lines can be read alone', async () => {
  const { user } = openWindow('#/containers');
  await screen.findByRole('region', { name: 'Services' });
  await containers.measure();
  await containers.measure();
  expect(await screen.findByRole('img', { name: 'Memory of store, the last 2 looks' })).toBeTruthy();
  expect(screen.getByText('131 MB of 512 MB')).toBeTruthy();
  await user.selectOptions(screen.getByRole('combobox', { name: 'Service' }), 'api');
  await eventually(() =>
    expect(screen.getByRole('log').textContent).toBe('api | Uvicorn running on http://0.0.0.0:8000\n'),
  );
});

test('a stack is taken down only after its containers were named, its data only when asked for', async () => {
  const asked: [string, boolean][] = [];
  const { backend, user } = openWindow('#/containers');
  const { stackDown } = backend;
  backend.stackDown = (stack, volumes) => {
    asked.push([stack, volumes]);
    return stackDown(stack, volumes);
  };
  await user.click(await screen.findByRole('button', { name: 'Take down' }));
  const dialog = within(screen.getByRole('dialog'));
  expect(dialog.getByText(/groundwork-orientation-1a2b3c-store-1/)).toBeTruthy();
  await expectAccessible();
  await user.click(dialog.getByRole('button', { name: 'Take down' }));
  expect(asked).toEqual([['groundwork-orientation-1a2b3c', false]]);
  // Its file is there still, and can be brought up.
  await user.click(await screen.findByRole('button', { name: 'Bring up' }));
  expect(await screen.findByRole('region', { name: 'Services' })).toBeTruthy();
});

test('data goes with a stack only where that was ticked since the question was last asked', async () => {
  const { user } = openWindow('#/containers');
  const tick = () => screen.getByRole<HTMLInputElement>('checkbox', { name: /^Its volumes as well/ });
  await user.click(await screen.findByRole('button', { name: 'Take down' }));
  await user.click(tick());
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  await user.click(screen.getByRole('button', { name: 'Take down' }));
  expect(tick().checked).toBe(false);
});

test('an engine that is away for a while does not change what is looked at, and is asked again', async () => {
  const { backend, user } = openWindow('#/containers');
  const { engine } = backend;
  // The second stack is not what a new screen would open.
  backend.stacks = async () => [scripted(), { ...scripted(), name: 'other', file: '/srv/other/compose.yaml' }];
  await containers.load();
  await user.click(await screen.findByRole('button', { name: /^other\/compose\.yaml/ }));
  backend.engine = () => Promise.reject(new Refused(notStarted));
  await containers.load();
  expect((await screen.findByRole('alert')).textContent).toContain('Start it: sudo systemctl start docker.');
  expect(containers.choice).toEqual({ of: 'stack', name: 'other' });
  backend.engine = engine;
  await containers.load();
  expect(await screen.findByRole('heading', { name: 'other' })).toBeTruthy();
  await eventually(() => expect(containers.log?.state).toBe('running'));
});

test('an engine that does not answer is asked less often, not never', async () => {
  vi.useFakeTimers();
  let asked = 0;
  openWindow('#/containers', 'working', {
    containerFiles: async () => {
      asked += 1;
      throw new Refused(notStarted);
    },
  });
  await vi.waitFor(() => expect(screen.queryByRole('alert')).not.toBeNull(), { timeout: 10_000 });
  const before = asked;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked - before).toBe(3);
  vi.useRealTimers();
});

test('a log that nobody reads by the time it is found is ended', async () => {
  const found: ((id: number) => void)[] = [];
  const ended: number[] = [];
  openWindow('#/containers', 'working', {
    stackLogs: () => new Promise((answer) => found.push(answer)),
    cancel: async (id) => {
      ended.push(id);
      return null;
    },
  });
  await eventually(() => expect(found).toHaveLength(1));
  containers.listen();
  found[0]?.(9001);
  found[1]?.(9002);
  await eventually(() => expect(containers.log?.id).toBe(9002));
  expect(ended).toEqual([9001]);
  containers.listen();
  containers.unlisten();
  found[2]?.(9003);
  await eventually(() => expect(ended).toEqual([9001, 9002, 9003]));
  expect(containers.log).toBeNull();
});

test('an image is built from a Dockerfile of a workspace, step by step', async () => {
  const built: NewImage[] = [];
  const { backend, user } = openWindow('#/containers');
  const { buildImage } = backend;
  backend.buildImage = (image) => {
    built.push(image);
    return buildImage(image);
  };
  await user.click(await screen.findByRole('button', { name: /^Dockerfile/ }));
  const name = screen.getByRole('textbox', { name: 'Image' });
  await user.clear(name);
  await user.type(name, 'No Name');
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Build' }).disabled).toBe(true);
  await user.clear(name);
  await user.type(name, 'mine:1');
  await user.click(screen.getByRole('button', { name: 'Build' }));
  await eventually(() => expect(screen.getByRole('log').textContent).toContain('Successfully tagged mine:1'));
  expect(built).toEqual([
    {
      name: 'mine:1',
      folder: '/home/ada/Groundwork/orientation',
      dockerfile: 'Dockerfile',
      arguments: [],
      target: null,
    },
  ]);
  await expectAccessible();
});

test('an image on its way is shown layer by layer, until the next step begins', async () => {
  const { backend } = openWindow('#/containers', 'working', { stackUp: async () => 9100 });
  await screen.findByRole('region', { name: 'Services' });
  const say = (step: TaskStep) => backend.emit({ type: 'task', task: 9100, step });
  const fetching = { step: 'progress', what: 'Fetching mine:1', done: 30, total: 100, unit: 'bytes' } as const;
  void containers.up('compose.yaml');
  say(fetching);
  say({ step: 'part', name: 'aa', what: 'Already exists', share: 1 });
  say({ step: 'part', name: 'bb', what: 'Pulling fs layer', share: 0 });
  say({ ...fetching, done: 40 });
  say({ step: 'part', name: 'bb', what: 'Downloading', share: 0.4 });
  const layers = within(await screen.findByRole('list', { name: 'Parts' }));
  await eventually(() => expect(layers.getByText('Downloading')).toBeTruthy());
  const bars = layers.getAllByRole('progressbar').map((bar) => bar.getAttribute('aria-valuenow'));
  expect(bars).toEqual(['1', '0.4']);
  expect(screen.getByText('40 B of 100 B')).toBeTruthy();
  await expectAccessible();
  say({ step: 'progress', what: 'Starting api', done: 0, total: 2, unit: 'steps' });
  await eventually(() => expect(screen.queryByRole('list', { name: 'Parts' })).toBeNull());
});

test('images show which step added how much, and only Groundwork’s own can be removed', async () => {
  const { user } = openWindow('#/containers');
  await user.click(await screen.findByRole('button', { name: /^Images/ }));
  await user.click(screen.getByRole('button', { name: 'containers:dev' }));
  expect(await screen.findByText('pip install --no-cache-dir --requirement requirements.txt')).toBeTruthy();
  expect(screen.queryByRole('button', { name: /^Remove groundwork\/python/ })).toBeNull();
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Remove containers:dev' }));
  await user.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Remove' }));
  await eventually(() => expect(screen.queryByRole('button', { name: 'containers:dev' })).toBeNull());
});

test('clean-up removes exactly what is listed, and data only when it was ticked', async () => {
  const gone: Leftover[][] = [];
  const { backend, user } = openWindow('#/containers');
  const { cleanUp } = backend;
  backend.cleanUp = (leftovers) => {
    gone.push(leftovers);
    return cleanUp(leftovers);
  };
  await user.click(await screen.findByRole('button', { name: /^Clean up/ }));
  expect(await screen.findByRole<HTMLInputElement>('checkbox', { name: /_data/ })).toHaveProperty('checked', false);
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Remove 2 things' }));
  const dialog = within(screen.getByRole('dialog'));
  expect(dialog.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'container groundwork-check-51c0a2',
    'image groundwork-check-51c0a2:latest',
  ]);
  await user.click(dialog.getByRole('button', { name: 'Remove' }));
  await eventually(() => expect(screen.getAllByRole('checkbox')).toHaveLength(1));
  expect(gone.map((each) => each.map((left) => left.id))).toEqual([['c1', 'i1']]);
});

test('what could not be looked for again cannot be removed', async () => {
  const { backend, user } = openWindow('#/containers');
  await user.click(await screen.findByRole('button', { name: /^Clean up/ }));
  await screen.findByRole('button', { name: 'Remove 2 things' });
  backend.leftovers = () => Promise.reject(new Refused(notStarted));
  await user.click(screen.getByRole('button', { name: /^Images/ }));
  await user.click(screen.getByRole('button', { name: /^Clean up/ }));
  await screen.findByRole('alert');
  expect(screen.getByRole('button', { name: 'Remove 0 things' })).toHaveProperty('disabled', true);
});

test('without an engine the screen says what starts one, and without anything on it what to do', async () => {
  openWindow('#/containers', 'trouble');
  expect((await screen.findByRole('alert')).textContent).toContain('Start it: sudo systemctl start docker.');
  await expectAccessible();
});

test('a fresh engine lacks the image that labs build from, which one button brings', async () => {
  const { user } = openWindow('#/containers', 'fresh');
  await user.click(await screen.findByRole('button', { name: 'Bring it' }));
  expect(await screen.findByRole('button', { name: /^groundwork\/python:3\.11/ })).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Bring it' })).toBeNull();
});

test('a stack stands as its services do', () => {
  const stack = scripted();
  expect(standing(stack)).toEqual({ words: '2 of 2 running', tone: 'bad' });
  stack.services.forEach((service) => (service.status = service.status.replace('unhealthy', 'healthy')));
  expect(standing(stack)).toEqual({ words: '2 of 2 running', tone: 'good' });
  stack.services.forEach((service) => Object.assign(service, { state: 'exited', status: 'Exited (143) now' }));
  expect(standing(stack)).toEqual({ words: 'stopped', tone: 'none' });
  expect(place('C:\\labs\\shop\\compose.yaml')).toBe('shop/compose.yaml');
});
