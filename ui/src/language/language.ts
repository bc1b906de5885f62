// What the window says, in the language in use. Languages are chosen once, when the window opens.

import type { GetICUArgs } from '@schummar/icu-type-parser';
import format, { type CompiledMessage, type FormatValues } from 'icu-minify/format';

import { recall } from '../shell/memory';
import { messages } from './catalogue';
import type { English } from './en';
import './en/components';
import './en/plan';
import './en/shell';
import './en/units';
import { pseudo } from './pseudo';

export type Key = keyof English;

type Values<K extends Key> = GetICUArgs<
  English[K],
  { ICUArgument: string; ICUNumberArgument: number; ICUDateArgument: Date }
>;

/** What a message needs, as the last argument; nothing for one that needs nothing. */
export type Given<K extends Key> = keyof Values<K> extends never ? [] : [values: Values<K>];

type TagsIn<Message> = Message extends `${string}<${infer Tag}>${infer Rest}`
  ? (Tag extends `/${string}` ? never : Tag) | TagsIn<Rest>
  : never;

/** The names of a message's tags. None may be that of an argument, too. */
export type Tags<K extends Key> = Exclude<TagsIn<English[K]>, keyof Values<K>>;

/** The languages there are, with the conventions for numbers, plurals and dates that go with each. */
const LANGUAGES = { en: 'en-GB', 'en-XA': 'en-GB' };

export type Language = keyof typeof LANGUAGES;

const exists = (name: string): name is Language => Object.hasOwn(LANGUAGES, name);

/** The remembered one, else the first of the system's that there is, by its language alone, else English. */
export function pick(remembered: string | null, wanted: readonly string[]): Language {
  if (remembered !== null && exists(remembered)) return remembered;
  return wanted.map((each) => each.split('-', 1)[0] ?? '').find(exists) ?? 'en';
}

export const language = pick(recall('language'), navigator.languages);
export const conventions = LANGUAGES[language];

document.documentElement.lang = language;

const english = messages as Record<Key, CompiledMessage>;

// What the product is built without: nobody's language is for who works on the window.
const message: (key: Key) => CompiledMessage =
  import.meta.env.DEV && language === 'en-XA' ? (key) => pseudo(english[key]) : (key) => english[key];

/** Formatters are slow to make. */
function kept<Options, Formatter>(Made: new (locale: string, options?: Options) => Formatter) {
  const made = new Map<string, Formatter>();
  return (_: unknown, options?: Options): Formatter => {
    const name = JSON.stringify(options ?? null);
    const formatter = made.get(name) ?? new Made(conventions, options);
    made.set(name, formatter);
    return formatter;
  };
}

const formatters = {
  getNumberFormat: kept<Intl.NumberFormatOptions, Intl.NumberFormat>(Intl.NumberFormat),
  getDateTimeFormat: kept<Intl.DateTimeFormatOptions, Intl.DateTimeFormat>(Intl.DateTimeFormat),
  getPluralRules: kept<Intl.PluralRulesOptions, Intl.PluralRules>(Intl.PluralRules),
};

/** The message of the catalogue, with its arguments filled in. */
export function t<K extends Key>(key: K, ...[values]: Given<K>): string {
  return format(message(key), conventions, values as FormatValues | undefined, { formatters }) as string;
}

export interface Tagged {
  tag: string;
  text: string;
}

/** The pieces of a message that has tags. */
export function pieces(key: Key, values: Record<string, string | number>, tags: string[]): (string | Tagged)[] {
  const handlers = Object.fromEntries(
    tags.map((tag) => [tag, (inside: unknown[]): Tagged => ({ tag, text: inside.join('') })]),
  );
  const said = format<Tagged>(message(key), conventions, { ...values, ...handlers }, { formatters });
  return Array.isArray(said) ? said : [said];
}

/** `8,192`, `0.42`: rounded to so many decimals, and always with all of them. Nothing for no number. */
export function decimal(value: number | null | undefined, decimals: number): string {
  if (value === null || value === undefined) return '';
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return formatters.getNumberFormat(null, options).format(value);
}

/** `0.3`, `1,000`: three digits that count, at most. */
export function figure(value: number): string {
  return formatters.getNumberFormat(null, { maximumSignificantDigits: 3 }).format(value);
}

/** `42%` of a share from 0 to 1. */
export function percent(share: number | null, decimals = 0): string {
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return formatters.getNumberFormat(null, { style: 'percent', ...options }).format(share ?? 0);
}

/** Formatters for dates, which are not in messages. */
export const date = formatters.getDateTimeFormat;

const lists = kept<Intl.ListFormatOptions, Intl.ListFormat>(Intl.ListFormat);

/** `a, b, c` */
export function listed(items: string[]): string {
  return lists(null, { type: 'unit', style: 'short' }).format(items);
}

/** `a, b and c` */
export function joined(items: string[]): string {
  return lists(null, { type: 'conjunction' }).format(items);
}
