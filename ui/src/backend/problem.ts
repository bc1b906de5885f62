import type { Problem } from './bindings.gen';

/** A command's refusal: a message in the user's words and a next step. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

/** What to show for anything that was thrown. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Refused) return thrown.problem;
  return {
    code: 'window.broken',
    message: `The window met an error of its own: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
    nextStep: 'Close the window and open it again. Nothing that was recorded is lost.',
    owner: 'product',
  };
}
