// A made-up portfolio page, and what the learner tells in it.

import type { Check, Lab, Narrative, Problem, WriteUpPart } from '../bindings.gen';

export const changed: Problem = {
  code: 'narrative.changed',
  message: 'There is another introduction by now (revision 2), so yours was not kept.',
  nextStep:
    'Choose which one stays. In a terminal, `groundwork narrative` prints what is there and `--replaces 2` puts yours in its place.',
  owner: 'learner',
};

export function narrative(lab: Lab | null): Narrative {
  const [slug, title] = [lab?.slug ?? null, lab?.title ?? ''];
  return { id: slug ?? 'shipped', lab: slug, title, text: '', revision: 0, at: null, markdown: '' };
}

/** The text below its heading, roughly as the product would have it. */
export function shown(lab: string | null, text: string): string {
  if (text.trim() === '') return '';
  const [heading, above] = lab === null ? ['## Introduction', 2] : ['### In my own words', 3];
  const below = text
    .replaceAll('<', '\\<')
    .replaceAll(/^(#+) /gm, (_, signs: string) => `${'#'.repeat(Math.min(6, above + signs.length))} `);
  return `${heading}\n\n${below}\n`;
}

/** The page of one lab, or of none where it is not started. */
export function parts(lab: Lab, checks: Check[], told: (lab: Lab | null) => Narrative): WriteUpPart[] {
  const passed = checks.filter((check) => check.outcome?.status === 'passed');
  const head = '# Portfolio\n\nBuilt with Groundwork on one machine, from a record of checks that really ran.\n';
  const page: WriteUpPart[] = [
    { by: 'record', markdown: head },
    { by: 'learner', narrative: told(null) },
  ];
  if (lab.workspace === null) return page;
  const rows = passed.map((check) => `| ${check.title} | 2 March 2026 | self-checked |\n`).join('');
  const built = 'Ends with a workspace, a first green check and a first answer from the local model.';
  const count = `${passed.length} of ${checks.length} checks passed in 26 minutes.`;
  return [
    ...page,
    { by: 'record', markdown: `## Orientation\n\n${built} ${count}\n` },
    { by: 'learner', narrative: told(lab) },
    { by: 'record', markdown: `### Checks passed\n\n| check | passed | by |\n|---|---|---|\n${rows}` },
  ];
}
