import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { Refused, type Consent, type Event } from '../backend/backend';
import { lab as blank, outcome } from '../backend/fake/lab';
import { eventually, expectAccessible, openWindow, row, statuses } from '../test.window';

const LAB = '#/lab/orientation';
const detail = () => screen.getByRole('region', { name: 'Open check' });

test('before the start: what it takes, and one button that shows progress and ends at the bench', async () => {
  const { user } = openWindow(LAB, 'fresh');
  await screen.findByText('About 40 min');
  expect(screen.getByText('7 checks along the way')).toBeTruthy();
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Start lab' }));
  await screen.findByRole('button', { name: 'Run all checks' });
  expect(statuses()).toEqual(Array(7).fill('none'));
  expect(screen.getByText('/home/ada/Groundwork/orientation')).toBeTruthy();
});

test('a start can be cancelled', async () => {
  const cancelled: number[] = [];
  const { backend, user } = openWindow(LAB, 'fresh', {
    startLab: async () => {
      backend.emit({ type: 'task', task: 1007, step: { step: 'started', title: 'Starting Orientation' } });
      const what = 'Installing openai';
      backend.emit({
        type: 'task',
        task: 1007,
        step: { step: 'progress', what, done: 2e6, total: 8e6, unit: 'bytes' },
      });
      return 1007;
    },
    cancel: async (task) => {
      cancelled.push(task);
      backend.emit({ type: 'task', task, step: { step: 'cancelled' } });
      return null;
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Start lab' }));
  await screen.findByText('Installing openai');
  expect(screen.getByText('2.0 MB of 8.0 MB')).toBeTruthy();
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  await screen.findByRole('button', { name: 'Start lab' });
  expect(cancelled).toEqual([1007]);
});

test('a start that fails says why and what to do', async () => {
  const { user } = openWindow(LAB, 'trouble');
  await user.click(await screen.findByRole('button', { name: 'Start lab' }));
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('No Python 3.10 or newer was found.');
  expect(alert.textContent).toContain('sudo apt install python3');
  expect(within(alert).getByRole('button', { name: 'Try again' })).toBeTruthy();
});

test('the first failing check is open: expected, actual, place, next step', async () => {
  const opened: unknown[] = [];
  const { user } = openWindow(LAB, 'working', {
    openEditor: async (...where) => {
      opened.push(where);
      return null;
    },
  });
  await screen.findByRole('button', { name: 'Run all checks' });
  expect(statuses()).toEqual(['passed', 'passed', 'passed', 'failed', 'error', 'blocked', 'none']);
  expect(row('settings-model').getAttribute('aria-current')).toBe('true');
  expect(detail().textContent).toContain('smollm2-135m-instruct');
  expect(detail().textContent).toContain('Write the model’s name in lower case.');
  await expectAccessible();
  await user.click(within(detail()).getByRole('button', { name: 'settings.json:2' }));
  await user.click(screen.getByRole('button', { name: 'Open in editor' }));
  await user.click(screen.getByRole('link', { name: 'service.py' }));
  expect(opened).toEqual([
    ['orientation', 'settings.json', 2],
    ['orientation', null, null],
    ['orientation', 'service.py', null],
  ]);
});

test('hints come one after another', async () => {
  const { user } = openWindow(LAB);
  const hints = ['Names are compared letter by letter.', 'The gateway lists its models at /v1/models.'];
  await user.click(await screen.findByRole('button', { name: /^Show a hint/ }));
  expect(screen.getByText(hints[0] ?? '')).toBeTruthy();
  expect(screen.queryByText(hints[1] ?? '')).toBeNull();
  await user.click(screen.getByRole('button', { name: /^Show another hint/ }));
  expect(screen.getByText(hints[1] ?? '')).toBeTruthy();
});

test('a save runs checks before the eyes, and the panel moves on to what is left', async () => {
  const { backend } = openWindow(LAB);
  await screen.findByRole('button', { name: 'Run all checks' });
  const lab = 'orientation';
  const events: Event[] = [
    { type: 'saved', lab, save: { path: 'settings.json', at: new Date().toISOString() } },
    { type: 'check_started', lab, check: 'settings-model' },
  ];
  events.forEach(backend.emit);
  await eventually(() => expect(row('settings-model').dataset.status).toBe('running'));
  backend.emit({ type: 'check_finished', lab, outcome: outcome('settings-model', true) });
  await eventually(() => expect(row('settings-model').dataset.status).toBe('passed'));
  // Still open while the report runs: nothing moves under the reader.
  expect(row('settings-model').getAttribute('aria-current')).toBe('true');
  backend.emit({ type: 'report_finished', lab, passed: 4, checks: 7, stopped: [] });
  await eventually(() => expect(row('health').getAttribute('aria-current')).toBe('true'));
  expect(detail().textContent).toContain('port 8000 is held by another program');
});

test('a check that the learner opened stays open while it does not pass', async () => {
  const { backend, user } = openWindow(LAB);
  await screen.findByRole('button', { name: 'Run all checks' });
  await user.click(row('first-answer'));
  backend.emit({ type: 'report_finished', lab: 'orientation', passed: 3, checks: 7, stopped: [] });
  await eventually(() => expect(detail().textContent).toContain('waits until settings.json'));
  await user.click(within(detail()).getByRole('button', { name: /settings.json names/ }));
  expect(row('settings-model').getAttribute('aria-current')).toBe('true');
});

test('a passed check shows what was measured', async () => {
  const { user } = openWindow(LAB, 'done');
  await screen.findByRole('button', { name: 'Run all checks' });
  await user.click(row('first-answer'));
  expect(within(detail()).getByRole('row', { name: 'speed 61.3 tok/s' })).toBeTruthy();
  await expectAccessible();
});

test('events of another lab, and those that come before the lab is read, do no harm', async () => {
  const { backend } = openWindow(LAB);
  const { lab } = backend;
  backend.lab = async (slug) => {
    const read = await lab(slug);
    backend.emit({ type: 'check_finished', lab: slug, outcome: outcome('settings-model', true) });
    backend.emit({ type: 'check_started', lab: 'other', check: 'health' });
    return read;
  };
  await screen.findByRole('button', { name: 'Run all checks' });
  await eventually(() => expect(row('settings-model').dataset.status).toBe('passed'));
  expect(row('health').dataset.status).toBe('error');
});

test('the quiz is answered inside its check', async () => {
  const { user } = openWindow(LAB);
  await screen.findByRole('button', { name: 'Run all checks' });
  // That nobody answered yet is no failure, however often the checks run.
  await user.click(screen.getByRole('button', { name: 'Run all checks' }));
  await eventually(() => expect(row('first-answer').dataset.status).toBe('blocked'));
  await eventually(() => expect(row('stays-here').dataset.status).toBe('none'));
  await user.click(row('stays-here'));
  expect(within(detail()).queryByText(/not right/)).toBeNull();
  expect(within(detail()).getByRole('button', { name: 'Answer' })).toHaveProperty('disabled', true);
  await user.click(within(detail()).getByRole('checkbox', { name: /Reading the public/ }));
  await user.click(within(detail()).getByRole('button', { name: 'Answer' }));
  await eventually(() => expect(row('stays-here').dataset.status).toBe('failed'));
  await expectAccessible();
  await user.click(within(detail()).getByRole('checkbox', { name: /Reading the public/ }));
  await user.click(within(detail()).getByRole('checkbox', { name: /Getting an answer/ }));
  await user.click(within(detail()).getByRole('checkbox', { name: /Keeping the record/ }));
  await user.click(within(detail()).getByRole('button', { name: 'Answer again' }));
  await eventually(() => expect(row('stays-here').dataset.status).toBe('passed'));
});

test('reset asks first, then says how to go back', async () => {
  const { user } = openWindow(LAB);
  await user.click(await screen.findByRole('button', { name: 'Reset' }));
  const dialog = screen.getByRole('dialog', { name: 'Reset this lab?' });
  expect(dialog.textContent).toContain('A snapshot of your files is kept');
  await user.click(within(dialog).getByRole('button', { name: 'Cancel' }));
  expect(statuses()).toContain('passed');
  await user.click(screen.getByRole('button', { name: 'Reset' }));
  await user.click(screen.getByRole('button', { name: 'Reset lab' }));
  await screen.findByText('Your files of before are under Snapshots.');
  await eventually(() => expect(statuses()).toEqual(Array(7).fill('none')));
});

test('a refused command is told with its next step and can be dismissed', async () => {
  const { user } = openWindow(LAB, 'working', {
    openEditor: async () => {
      throw new Refused({ code: 'x.y', message: 'No editor was found.', nextStep: 'Set EDITOR.', owner: 'learner' });
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Open in editor' }));
  const notice = await screen.findByRole('alert');
  expect(notice.textContent).toContain('Set EDITOR.');
  expect(notice.textContent).not.toContain('x.y');
  await expectAccessible();
  await user.click(within(notice).getByRole('button', { name: 'Dismiss' }));
  expect(screen.queryByRole('alert')).toBeNull();
});

test('the guide is stepped through, with code that can be copied', async () => {
  const { user } = openWindow(LAB);
  await screen.findByText('Step 3 of 4');
  await user.click(screen.getByRole('button', { name: 'Previous step' }));
  expect(screen.getByRole('heading', { name: 'Run a program' })).toBeTruthy();
  await user.click(screen.getAllByRole('button', { name: 'Copy code' })[0] as HTMLElement);
  expect(await navigator.clipboard.readText()).toBe('. .groundwork/activate\npython hello.py');
});

test('the panes below show the service log and the gateway requests', async () => {
  const { user } = openWindow(LAB);
  await user.click(await screen.findByRole('tab', { name: /Gateway requests/ }));
  const table = within(screen.getByRole('region', { name: 'Gateway requests' })).getByRole('table');
  expect(within(table).getAllByRole('row')).toHaveLength(4);
  expect(within(table).getByText('404 model_not_found')).toBeTruthy();
  await expectAccessible();
  await user.keyboard('{ArrowLeft}');
  await user.click(screen.getByRole('button', { name: 'Start service' }));
  await screen.findByText('Ready');
  expect(screen.getByRole('log').textContent).toContain('Uvicorn running');
  expect(screen.getByText('http://127.0.0.1:43117')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Stop service' }));
  await screen.findByText('Stopped');
});

test('an unknown lab says so', async () => {
  openWindow('#/lab/nowhere');
  expect((await screen.findByRole('alert')).textContent).toContain('There is no lab “nowhere”');
});

test('a pack from elsewhere shows what it may run, and starts only after it is allowed', async () => {
  const consent: Consent = {
    title: 'Workshop',
    version: 3,
    authors: ['A team'],
    digest: 'd1',
    labs: [
      {
        slug: 'orientation',
        title: 'Orientation',
        services: ['python service.py'],
        programs: ['sh look.sh'],
        packages: [],
      },
      { slug: 'second', title: 'Second', services: [], programs: [], packages: [] },
    ],
    confinement: 'what checks run writes to its workspace alone',
  };
  let given: string | null = null;
  const { user } = openWindow(LAB, 'fresh', {
    lab: async () => ({ ...blank(), consent: given === null ? consent : null }),
    allowPack: async (digest) => {
      given = digest;
      return null;
    },
  });
  await screen.findByRole('heading', { name: 'This pack did not come with Groundwork' });
  expect(screen.getByText('python service.py')).toBeTruthy();
  expect(screen.getByText('sh look.sh')).toBeTruthy();
  expect(screen.getByText('1 other lab of this pack')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Start lab' })).toBeNull();
  await expectAccessible();
  await user.click(screen.getByRole('button', { name: 'Allow this pack' }));
  await screen.findByRole('button', { name: 'Start lab' });
  expect(given).toBe('d1');
});

test('the model explains a failure in words that are marked as its own, until another check is open', async () => {
  const asked: string[] = [];
  const cancelled: number[] = [];
  const { backend, user } = openWindow(LAB, 'working', {
    explainCheck: async (_, check) => {
      asked.push(check);
      const id = 3000 + asked.length;
      backend.emit({ type: 'task', task: id, step: { step: 'output', text: 'It is ' } });
      backend.emit({ type: 'task', task: id, step: { step: 'output', text: 'missing.' } });
      return id;
    },
    cancel: async (task) => {
      cancelled.push(task);
      backend.emit({ type: 'task', task, step: { step: 'cancelled' } });
      return null;
    },
  });
  await user.click(await screen.findByRole('button', { name: 'Ask the model why' }));
  const said = await screen.findByRole('region', { name: "The model's explanation" });
  await eventually(() => expect(said.textContent).toContain('It is missing.'));
  expect(said.textContent).toContain('may be wrong');
  expect(asked).toHaveLength(1);
  await expectAccessible();
  await user.click(row('hello-there'));
  expect(cancelled).toEqual([3001]);
  expect(screen.queryByRole('button', { name: 'Ask the model why' })).toBeNull();
});
