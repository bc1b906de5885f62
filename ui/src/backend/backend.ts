// What the window can ask of the product, and who answers. The shape comes from the generated bindings: a command that
// is added, renamed or removed in Rust changes `Backend` with it.

import type { Event, commands } from './bindings.gen';
import { tauri } from './tauri';

export type * from './bindings.gen';
export { problemOf, Refused } from './problem';

type Asked<Commands> = {
  [Name in keyof Commands]: Commands[Name] extends (...given: infer Given) => Promise<infer Result>
    ? (...given: Given) => Promise<Answer<Result>>
    : never;
};

type Answer<Result> = Result extends { status: 'ok'; data: infer Data }
  ? Data
  : Result extends { status: 'error'; error: unknown }
    ? never
    : Result;

/** Every command, rejecting with `Refused`, and what the window hears without asking. */
export type Backend = Asked<typeof commands> & {
  /** Calls `heard` with each event until the returned function is called. */
  listen(heard: (event: Event) => void): Promise<() => void>;
  /** Calls `called` whenever the window is wanted at another place, which `takePlace` answers. */
  onCalled(called: () => void): Promise<() => void>;
};

let current: Backend = tauri;

export function backend(): Backend {
  return current;
}

/** Tests bring their own. */
export function provide(other: Backend): void {
  current = other;
}

/** Whether anybody answers: the product's window, or the scripted backend where the page is being developed. */
export async function choose(): Promise<boolean> {
  if ('__TAURI_INTERNALS__' in window) return true;
  if (import.meta.env.DEV || import.meta.env.MODE === 'demo') {
    const { fake } = await import('./fake');
    current = fake(new URLSearchParams(location.search));
    return true;
  }
  return false;
}
