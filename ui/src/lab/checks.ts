// What a lab's checks amount to: pure readings, no state.

import type { Check, Lab, Step } from '../backend/backend';

/** How a check shows: its latest outcome's status, `running` while it runs, `none` before it ever ran. */
export type Shown = 'passed' | 'failed' | 'blocked' | 'error' | 'running' | 'none';

export const words: Record<Shown, string> = {
  passed: 'passed',
  failed: 'failed',
  blocked: 'waiting',
  error: 'could not run',
  running: 'running',
  none: 'not run yet',
};

export function shown(check: Check, running: readonly string[]): Shown {
  return running.includes(check.id) ? 'running' : (check.outcome?.status ?? 'none');
}

export function allChecks(lab: Lab): Check[] {
  return lab.steps.flatMap((step) => step.checks);
}

export function passed(checks: readonly Check[]): number {
  return checks.filter((check) => check.outcome?.status === 'passed').length;
}

/** The first check, in the lab's order, that is the learner's to look at. */
export function firstToFix(lab: Lab): Check | null {
  const checks = allChecks(lab);
  const first = (status: string | undefined) => checks.find((check) => check.outcome?.status === status);
  return first('failed') ?? first('error') ?? checks.find((check) => check.outcome?.status !== 'passed') ?? null;
}

export function stepOf(lab: Lab, check: string): Step | null {
  return lab.steps.find((step) => step.checks.some((each) => each.id === check)) ?? null;
}
