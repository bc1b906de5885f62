// Figures as people read them.

/** `40 min`, `2 h 10 min`. */
export function minutes(value: number | null | undefined): string {
  const whole = Math.round(value ?? 0);
  if (whole < 60) return `${whole} min`;
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)} h` : `${Math.floor(whole / 60)} h ${rest} min`;
}

/** `8 ms`, `0.42 s`, `12 s`. */
export function duration(millis: number | null | undefined): string {
  if (millis === null || millis === undefined) return '';
  if (millis < 100) return `${Math.round(millis)} ms`;
  if (millis < 10_000) return `${(millis / 1000).toFixed(2)} s`;
  return `${Math.round(millis / 1000)} s`;
}

/** Decimal units, as model hosts state them. */
export function bytes(value: number | null | undefined): string {
  const size = value ?? 0;
  if (size < 1000) return `${size} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let scaled = size;
  let unit = -1;
  do {
    scaled /= 1000;
    unit += 1;
  } while (scaled >= 999.5 && unit < units.length - 1);
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${units[unit]}`;
}

/** `8,192` */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** `14:03:27`, with the date in front where it was not today. */
export function clock(at: string, now = new Date()): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return at;
  const hours = time.toLocaleTimeString('en-GB');
  if (time.toDateString() === now.toDateString()) return hours;
  return `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${hours}`;
}

/** `Day 1`, `Days 2-3`. */
export function days(from: number, to: number): string {
  return from === to ? `Day ${from}` : `Days ${from}–${to}`;
}

/** `1 check`, `4 checks`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A message that begins with a plain word, as a sentence begins. A path, an address or a name stays as it is. */
export function sentence(message: string): string {
  const [word = ''] = message.split(/[ ,]|:(?!\/\/)/, 1);
  return /^[a-z]+$/.test(word) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}
