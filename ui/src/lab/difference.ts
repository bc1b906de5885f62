// Where two short texts part, so that the eye need not search.

export interface Part {
  text: string;
  differs: boolean;
}

const LONGEST = 400;

/**
 * The parts of both texts around their first and last difference. Texts that have little in common, or are long, come
 * back whole and unmarked: marking nearly everything marks nothing.
 */
export function difference(expected: string, actual: string): { expected: Part[]; actual: Part[] } {
  const whole = { expected: [{ text: expected, differs: false }], actual: [{ text: actual, differs: false }] };
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
