import { t } from '../language/language';

/** A failure in the reader's words, and what to do next. */
export interface Problem {
  message: string;
  nextStep: string;
}

/** An error that brings the words for it. */
export class Told<Words extends Problem = Problem> extends Error {
  constructor(readonly problem: Words) {
    super(problem.message);
  }
}

/** What to show for anything that was thrown. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Told) return thrown.problem;
  return {
    message: t('components.broken', { error: thrown instanceof Error ? thrown.message : String(thrown) }),
    nextStep: t('components.broken.next'),
  };
}
