// What a lab's checks amount to: pure readings, no state.

import '../language/en/lab';

import type { Check, Lab, Step } from '../backend/backend';
import { t } from '../language/language';

/**
 * How a check shows: its latest outcome's status, `stale` where it passed before the lab changed it, `running` while it
 * runs, `none` before it ever ran, and for a question that nobody answered yet.
 */
export type Shown = 'passed' | 'stale' | 'failed' | 'blocked' | 'error' | 'running' | 'none';

export const words: Record<Shown, string> = {
  passed: t('lab.status.passed'),
  stale: t('lab.status.stale'),
  failed: t('lab.status.failed'),
  blocked: t('lab.status.blocked'),
  error: t('lab.status.error'),
  running: t('lab.status.running'),
  none: t('lab.status.none'),
};

export function shown(check: Check, running: readonly string[]): Shown {
  if (running.includes(check.id)) return 'running';
  if (isUnanswered(check)) return 'none';
  return check.outcome?.stale ? 'stale' : (check.outcome?.status ?? 'none');
}

export function isUnanswered(check: Check): boolean {
  return check.quiz?.chosen.length === 0 && check.outcome?.status === 'failed';
}

export function allChecks(lab: Lab): Check[] {
  return lab.steps.flatMap((step) => step.checks);
}

/** Whether it passes as the lab is now. */
export function isPassed(check: Check): boolean {
  return check.outcome?.status === 'passed' && !check.outcome.stale;
}

export function passed(checks: readonly Check[]): number {
  return checks.filter((check) => isPassed(check)).length;
}

/** The first check, in the lab's order, that is the learner's to look at. */
export function firstToFix(lab: Lab): Check | null {
  const checks = allChecks(lab);
  const first = (status: string | undefined) =>
    checks.find((check) => check.outcome?.status === status && !isUnanswered(check));
  return first('failed') ?? first('error') ?? checks.find((check) => !isPassed(check)) ?? null;
}

export function stepOf(lab: Lab, check: string): Step | null {
  return lab.steps.find((step) => step.checks.some((each) => each.id === check)) ?? null;
}
