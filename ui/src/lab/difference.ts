// Where two texts part, so that the eye need not search: within a line, and line by line.

export interface Part {
  text: string;
  differs: boolean;
}

/** A line of both texts, or of one; or how many that are alike are left out. */
export type Line = { of: 'both' | 'expected' | 'actual'; parts: Part[] } | { of: 'skipped'; lines: number };

const LONGEST = 400;
/** Alike lines that stay before and after others. */
const AROUND = 3;
/** Pairs of lines that are compared: a table of 4 MB. */
const MOST_PAIRS = 1_000_000;

export const plain = (text: string): Part[] => [{ text, differs: false }];

/**
 * The parts of both texts around their first and last difference. Texts that have little in common, or are long, come
 * back whole and unmarked: marking nearly everything marks nothing.
 */
export function difference(expected: string, actual: string): { expected: Part[]; actual: Part[] } {
  const whole = { expected: plain(expected), actual: plain(actual) };
  const shorter = Math.min(expected.length, actual.length);
  if (shorter === 0 || expected === actual || Math.max(expected.length, actual.length) > LONGEST) return whole;

  let start = 0;
  while (start < shorter && expected[start] === actual[start]) start++;
  let end = 0;
  while (end < shorter - start && expected.at(-1 - end) === actual.at(-1 - end)) end++;
  const sameButForCase = expected.toLowerCase() === actual.toLowerCase();
  if ((start + end) * 2 < shorter && !sameButForCase) return whole;

  const cut = (text: string): Part[] =>
    [
      { text: text.slice(0, start), differs: false },
      { text: visible(text.slice(start, text.length - end)), differs: true },
      { text: text.slice(text.length - end), differs: false },
    ].filter((part) => part.text !== '');
  return { expected: cut(expected), actual: cut(actual) };
}

/** Spaces, tabs and line ends as signs, where they are what differs. */
function visible(text: string): string {
  return /^\s+$/.test(text) ? text.replaceAll(' ', '·').replaceAll('\t', '→').replaceAll('\n', '⏎\n') : text;
}

/**
 * The lines of two texts of which one has several: what is in both, what is missing, what is there instead. Null where both
 * are one line each.
 */
export function differentLines(expected: string, actual: string): Line[] | null {
  if (!/\n./s.test(expected) && !/\n./s.test(actual)) return null;
  return folded(compared(expected.split('\n'), actual.split('\n')));
}

type Compared = Exclude<Line, { of: 'skipped' }>;

function compared(expected: string[], actual: string[]): Compared[] {
  const shorter = Math.min(expected.length, actual.length);
  let start = 0;
  while (start < shorter && expected[start] === actual[start]) start++;
  let end = 0;
  while (end < shorter - start && expected.at(-1 - end) === actual.at(-1 - end)) end++;
  const both = (text: string): Compared => ({ of: 'both', parts: plain(text) });
  return [
    ...expected.slice(0, start).map(both),
    ...between(expected.slice(start, expected.length - end), actual.slice(start, actual.length - end)),
    ...expected.slice(expected.length - end).map(both),
  ];
}

/** By their longest common subsequence; where that takes too long, all of the one and then all of the other. */
function between(expected: string[], actual: string[]): Compared[] {
  const [rows, columns] = [expected.length + 1, actual.length + 1];
  if (rows * columns > MOST_PAIRS) return parted(expected, actual);
  // How many lines the rests have in common, from each pair on.
  const common = new Uint32Array(rows * columns);
  const rest = (row: number, column: number) => common[row * columns + column] ?? 0;
  for (let row = rows - 2; row >= 0; row--)
    for (let column = columns - 2; column >= 0; column--)
      common[row * columns + column] =
        expected[row] === actual[column]
          ? rest(row + 1, column + 1) + 1
          : Math.max(rest(row + 1, column), rest(row, column + 1));

  const found: Compared[] = [];
  let [missing, instead]: [string[], string[]] = [[], []];
  const part = () => {
    found.push(...parted(missing, instead));
    [missing, instead] = [[], []];
  };
  for (let row = 0, column = 0; row < expected.length || column < actual.length;) {
    const [one, other] = [expected[row], actual[column]];
    if (one !== undefined && one === other) {
      part();
      found.push({ of: 'both', parts: plain(one) });
      row++;
      column++;
    } else if (one !== undefined && (other === undefined || rest(row + 1, column) >= rest(row, column + 1))) {
      missing.push(one);
      row++;
    } else if (other !== undefined) {
      instead.push(other);
      column++;
    }
  }
  part();
  return found;
}

/** Lines in the place of others: pair by pair, where there are as many, with what differs marked. */
function parted(expected: string[], actual: string[]): Compared[] {
  const pairs = expected.length === actual.length ? expected.map((line, at) => difference(line, actual[at] ?? '')) : [];
  const alone = (line: string) => (line === '' ? [{ text: '⏎', differs: true }] : plain(line));
  return [
    ...expected.map((line, at): Compared => ({ of: 'expected', parts: pairs[at]?.expected ?? alone(line) })),
    ...actual.map((line, at): Compared => ({ of: 'actual', parts: pairs[at]?.actual ?? alone(line) })),
  ];
}

/** Without lines that are alike and far from any other. */
function folded(lines: Compared[]): Line[] {
  const shown: Line[] = [];
  for (let at = 0, end = 0; at < lines.length; at = end) {
    const alike = lines[at]?.of === 'both';
    while (end < lines.length && (lines[end]?.of === 'both') === alike) end++;
    const before = at === 0 ? at : at + AROUND;
    const after = end === lines.length ? end : end - AROUND;
    // For one line, the sign would take its room.
    if (alike && after - before > 1)
      shown.push(...lines.slice(at, before), { of: 'skipped', lines: after - before }, ...lines.slice(after, end));
    else shown.push(...lines.slice(at, end));
  }
  return shown;
}
