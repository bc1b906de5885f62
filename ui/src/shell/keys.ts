// Keys as they are pressed, and as this system writes them. `mod` is ⌘ on a Mac and Ctrl elsewhere.

const MAC = /Mac/.test(navigator.userAgent);

const NAMES: Record<string, string> = { mod: MAC ? '⌘' : 'Ctrl', enter: MAC ? '↩' : 'Enter' };

/** Whether the event is these keys: `mod+k`. */
export function pressed(event: KeyboardEvent, keys: string): boolean {
  const [modifier, key] = keys.split('+');
  const mod = MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  return modifier === 'mod' && mod && !event.altKey && !event.shiftKey && event.key.toLowerCase() === key;
}

/** `['Ctrl', 'K']` */
export function named(keys: string): string[] {
  return keys.split('+').map((key) => NAMES[key] ?? key.toUpperCase());
}
