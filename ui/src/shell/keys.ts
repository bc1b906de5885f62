// Keys as they are pressed, and as this system writes them. `mod` is ⌘ on a Mac and Ctrl elsewhere.

import { t } from '../language/language';

const MAC = /Mac/.test(navigator.userAgent);

const NAMES: Record<string, string> = {
  mod: MAC ? '⌘' : t('shell.key.control'),
  enter: MAC ? '↩' : t('shell.key.enter'),
  plus: '+',
  minus: '−',
};

/** Plus is a key of its own on some keyboards, and the shifted equals sign on others, where it is pressed without Shift too. */
const SIGNS: Record<string, string> = { '+': 'plus', '=': 'plus', '-': 'minus' };

/** The keys of an event, `mod+k`; `null` for what is only typed. */
export function chord(event: KeyboardEvent): string | null {
  const mod = MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  const sign = SIGNS[event.key];
  return mod && !event.altKey && (sign || !event.shiftKey) ? `mod+${sign ?? event.key.toLowerCase()}` : null;
}

/** `['Ctrl', 'K']` */
export function named(keys: string): string[] {
  return keys.split('+').map((key) => NAMES[key] ?? key.toUpperCase());
}

/** `Control+K`, as `aria-keyshortcuts` has it. */
export function announced(keys: string): string {
  const names: Record<string, string> = { mod: MAC ? 'Meta' : 'Control', enter: 'Enter' };
  return keys
    .split('+')
    .map((key) => names[key] ?? key.toUpperCase())
    .join('+');
}
