import { screen, within } from '@testing-library/svelte';
import { expect, test } from 'vitest';

import { Refused, type Narrative, type WriteUpPart } from '../backend/backend';
import { changed, narrative } from '../backend/fake/portfolio';
import { eventually, expectAccessible, openWindow } from '../test.window';
// Read before the first test, which would wait for it.
import './PortfolioScreen.svelte';

const HERE = '#/portfolio';
// Found by their labels: to look for roles takes long on a page with so many parts.
const field = (about = 'Introduction') => screen.findByLabelText<HTMLTextAreaElement>(`${about}, in Markdown`);
const words = (about: string) => screen.getByLabelText(`Your words: ${about}`);
const recorded = () => screen.getAllByLabelText('From the record');

/** Who reads and keeps texts with us: another window, or a terminal. */
function beside(window: ReturnType<typeof openWindow>) {
  const [keep, read] = [window.backend.keepNarrative.bind(window.backend), window.backend.writeUp.bind(window.backend)];
  const of = (parts: WriteUpPart[]) => parts.flatMap((part) => (part.by === 'learner' ? [part.narrative] : []));
  const told = async (lab: string | null): Promise<Narrative | undefined> =>
    of(await read()).find((each) => each.lab === lab);
  return { told, keep: async (text: string) => keep(null, text, (await told(null))?.revision ?? 0) };
}

test('what is recorded is marked, and what is not told yet asks for it', async () => {
  openWindow(HERE);
  await screen.findByText('Orientation', { selector: 'h2' });
  expect(screen.getAllByText('self-checked')).toHaveLength(3);
  expect(recorded()).toHaveLength(3);
  expect(within(words('Introduction')).getByText('No introduction yet')).toBeTruthy();
  expect(within(words('Orientation')).getByText('Nothing in your own words yet')).toBeTruthy();
  await expectAccessible();
});

test('a text is shown as it is typed, kept, and there again', async () => {
  const opened = openWindow(HERE);
  const { user, unmount } = opened;
  const other = beside(opened);
  await user.type(await field(), '# After{Enter}it.');
  await eventually(() => expect(words('Introduction').querySelector('h3')?.textContent).toBe('After'));
  await screen.findByText(/^Kept at /);
  expect((await other.told(null))?.text).toBe('# After\nit.');

  // The other text, chosen where it will stand.
  await user.click(screen.getByLabelText('Write: Orientation'));
  const about = await field('Orientation');
  expect(document.activeElement).toBe(about);
  await user.paste('I chose **one** file.');
  await eventually(() => expect(words('Orientation').querySelector('strong')?.textContent).toBe('one'));
  expect(words('Orientation').classList).toContain('chosen');
  // What is typed right before the screen is left is kept too.
  unmount();
  await eventually(async () => expect((await other.told('orientation'))?.text).toBe('I chose **one** file.'));
});

test('another screen and back, it is all there', async () => {
  const { user } = openWindow(HERE);
  await user.type(await field(), 'Ten.');
  await user.keyboard('{Control>}1{/Control}');
  await screen.findByRole('main', { name: 'Plan' });
  location.hash = HERE;
  expect((await field()).value).toBe('Ten.');
  await screen.findByText(/^Kept at /);
  expect(within(words('Introduction')).getByText('Ten.')).toBeTruthy();
});

test('what the learner types makes no markup of its own', async () => {
  const { user } = openWindow(HERE);
  await user.click(await field());
  await user.paste('<section class="record">fake</section> ![i](https://example.org/a.png) [x](javascript:alert(1))');
  await eventually(() => expect(words('Introduction').textContent).toContain('fake'));
  expect(recorded()).toHaveLength(3);
  expect(words('Introduction').querySelector('img, section, [href^=javascript]')).toBeNull();
});

/** What is typed, where another text was kept just before. */
async function overtaken() {
  const opened = openWindow(HERE);
  const other = beside(opened);
  await field();
  await other.keep('theirs');
  await opened.user.type(await field(), 'mine');
  await screen.findByText(/^Another text was kept here meanwhile/);
  await screen.findByText('Keep mine');
  return { ...opened, other };
}

test('where another text was kept meanwhile, both are shown and neither is lost', async () => {
  const { user, other } = await overtaken();
  expect(screen.getByLabelText('The other text').textContent).toBe('theirs');
  expect((await field()).value).toBe('mine');
  await expectAccessible();
  // A page without it is not exported.
  await user.click(screen.getByText('Export Markdown'));
  await screen.findByText(/so yours was not kept/);
  expect(screen.queryByTestId('export-path')).toBeNull();
  expect((await other.told(null))?.text).toBe('theirs');
});

test.each([
  ['Keep mine', 'mine'],
  ['Take the other', 'theirs'],
  ['Keep both', 'mine\n\ntheirs'],
])('of the two, the learner says: %s', async (answer, text) => {
  const { user, other } = await overtaken();
  await user.click(screen.getByText(answer));
  await eventually(async () => expect((await other.told(null))?.text).toBe(text));
  await screen.findByText(/^Kept at /);
  expect((await field()).value).toBe(text);
  expect(screen.queryByText(/^Another text was kept/)).toBeNull();
  expect(document.activeElement).toBe(await field());
  // Others may be first once more.
  await other.keep('later');
  await user.keyboard('!');
  await screen.findByText('later');
});

test('what was kept elsewhere is there when the window is looked at again', async () => {
  const opened = openWindow(HERE);
  const other = beside(opened);
  await field();
  await other.keep('theirs');
  window.dispatchEvent(new Event('focus'));
  await eventually(async () => expect((await field()).value).toBe('theirs'));
  expect(within(words('Introduction')).getByText('theirs')).toBeTruthy();
});

test('a text that could not be kept says so, stays, and is kept by another try', async () => {
  const full = {
    ...{ code: 'journal.disk_full', message: 'The disk is full.', nextStep: 'Make room.' },
    owner: 'learner' as const,
  };
  let works = false;
  const kept: Narrative[] = [];
  const { user } = openWindow(HERE, 'working', {
    keepNarrative: async (_, text, revision) => {
      if (!works) throw new Refused(full);
      kept.push({ ...narrative(null), text, revision: revision + 1, at: new Date().toISOString() });
      return kept[0] as Narrative;
    },
  });
  await user.type(await field(), 'lost?');
  expect((await screen.findByRole('alert')).textContent).toMatch(/The disk is full\.\s+Make room\./);
  expect(screen.getByText('Not kept yet')).toBeTruthy();
  await expectAccessible();
  await user.keyboard('{Control>}1{/Control}');
  await screen.findByRole('main', { name: 'Plan' });
  location.hash = HERE;
  expect((await field()).value).toBe('lost?');
  works = true;
  await user.click(await screen.findByText('Try again'));
  await screen.findByText(/^Kept at /);
  expect(kept.map(({ text }) => text)).toEqual(['lost?']);
});

test('the page is exported in both formats, with what has just been typed', async () => {
  const opened = openWindow(HERE);
  const { user, backend } = opened;
  const other = beside(opened);
  const written: [string, string | undefined][] = [];
  const save = backend.exportWriteUp.bind(backend);
  backend.exportWriteUp = async (format) => {
    written.push([format, (await other.told(null))?.text]);
    return save(format);
  };
  const path = () => screen.getByTestId('export-path').textContent;
  await user.type(await field(), 'Ten.');
  await user.click(screen.getByText('Export Markdown'));
  await eventually(() => expect(path()).toBe('/home/ada/Groundwork/portfolio.md'));
  await user.click(screen.getByText('Export HTML'));
  await eventually(() => expect(path()).toBe('/home/ada/Groundwork/portfolio.html'));
  expect(written).toEqual([
    ['markdown', 'Ten.'],
    ['html', 'Ten.'],
  ]);
});

test('with nothing recorded it says how a record comes about, and the introduction can be written', async () => {
  const { user } = openWindow(HERE, 'fresh');
  await screen.findByText(/Nothing is recorded yet/);
  expect(screen.getByRole('link', { name: "Open today's lab" }).getAttribute('href')).toBe('#/lab/orientation');
  await user.type(await field(), 'Ten.');
  await screen.findByText(/^Kept at /);
});

test('a page that cannot be read says so, and can be read again', async () => {
  const { backend, user } = openWindow(HERE, 'working', { writeUp: () => Promise.reject(new Refused(changed)) });
  const alert = await screen.findByRole('alert');
  await expectAccessible();
  backend.writeUp = async () => [{ by: 'learner', narrative: narrative(null) }];
  await user.click(within(alert).getByRole('button', { name: 'Try again' }));
  await field();
});

test('a long page is drawn once, and typing draws nothing of it anew', async () => {
  const rows = Array.from({ length: 20 }, (_, at) => `| 2026-03-02 | decision | Entry ${at} | Why. |`).join('\n');
  const record = `### Journal entries\n\n| On | Kind | Title | Text |\n|---|---|---|---|\n${rows}\n`;
  const labs = Array.from({ length: 10 }, (_, at) => ({
    ...narrative(null),
    id: `${at}`,
    lab: `lab-${at}`,
    title: `Lab ${at}`,
  }));
  const page = [narrative(null), ...labs].flatMap((told): WriteUpPart[] => [
    { by: 'learner', narrative: told },
    { by: 'record', markdown: record },
  ]);
  const at = new Date().toISOString();
  const { user } = openWindow(HERE, 'working', {
    writeUp: async () => structuredClone(page),
    keepNarrative: async (lab, text, revision) => ({ ...narrative(null), lab, text, revision: revision + 1, at }),
  });
  await eventually(() => expect(document.querySelectorAll('td')).toHaveLength(11 * 20 * 4));
  const drawn = [...document.querySelectorAll('table')];
  await user.selectOptions(screen.getByLabelText('What you write about'), 'Lab 7');
  await user.type(await field('Lab 7'), 'words');
  await eventually(() => expect(words('Lab 7').textContent).toContain('words'));
  window.dispatchEvent(new Event('focus'));
  await screen.findByText(/^Kept at /);
  expect([...document.querySelectorAll('table')].every((table, at) => table === drawn[at])).toBe(true);
});
