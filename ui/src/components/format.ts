// Figures as people read them.

import { date, decimal, t } from '../language/language';

/** `40 min`, `2 h 10 min`. */
export function minutes(value: number | null | undefined): string {
  const whole = Math.round(value ?? 0);
  const [hours, rest] = [Math.floor(whole / 60), whole % 60];
  if (hours === 0) return t('units.minutes', { minutes: rest });
  return rest === 0 ? t('units.hours', { hours }) : t('units.hoursAndMinutes', { hours, minutes: rest });
}

/** `8 ms`, `0.42 s`, `12 s`. */
export function duration(millis: number | null | undefined): string {
  if (millis === null || millis === undefined) return '';
  if (millis < 100) return t('units.milliseconds', { value: decimal(millis, 0) });
  return t('units.seconds', { value: decimal(millis / 1000, millis < 10_000 ? 2 : 0) });
}

const LARGER = ['units.kB', 'units.MB', 'units.GB', 'units.TB'] as const;

/** Decimal units, as model hosts state them. */
export function bytes(value: number | null | undefined): string {
  const size = value ?? 0;
  if (size < 1000) return t('units.B', { value: decimal(size, 0) });
  let scaled = size;
  let unit = -1;
  do {
    scaled /= 1000;
    unit += 1;
  } while (scaled >= 999.5 && unit < LARGER.length - 1);
  return t(LARGER[unit] ?? 'units.TB', { value: decimal(scaled, scaled < 10 ? 1 : 0) });
}

/** `8,192` */
export function count(value: number): string {
  return decimal(value, 0);
}

/** `14:03:27`, with the date in front where it was not today. */
export function clock(at: string, now = new Date()): string {
  const when = new Date(at);
  if (Number.isNaN(when.getTime())) return at;
  const time = date(null, { hour: 'numeric', minute: 'numeric', second: 'numeric' }).format(when);
  if (when.toDateString() === now.toDateString()) return time;
  return t('units.dateAndTime', { date: date(null, { day: 'numeric', month: 'short' }).format(when), time });
}

/** `3 May 2027`, of `2027-05-03`. */
export function calendar(day: string): string {
  const when = new Date(day);
  if (Number.isNaN(when.getTime())) return day;
  // A date alone is midnight in UTC.
  return date(null, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).format(when);
}

/** `Day 1`, `Days 2–3`. */
export function days(from: number, to: number): string {
  return from === to ? t('units.day', { day: from }) : t('units.days', { from, to });
}

/** A message that begins with a plain word, as a sentence begins. A path, an address or a name stays as it is. */
export function sentence(message: string): string {
  const [word = ''] = message.split(/[ ,]|:(?!\/\/)/, 1);
  return /^[a-z]+$/.test(word) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}
