import { problemOf as words, Told } from '../components/problem';
import type { Problem } from './bindings.gen';

/** A command's refusal: a message in the user's words and a next step. */
export class Refused extends Told<Problem> {}

/** What to show for anything that was thrown. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Refused) return thrown.problem;
  return { code: 'window.broken', owner: 'product', ...words(thrown) };
}
