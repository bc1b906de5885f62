// JSON as people read it, letter for letter: a parser would write numbers anew.

/** Levels that are set in; what is deeper stands below them. */
const DEEPEST = 20;

/** Each member on a line of its own. What is no JSON, nor (`cut`) the beginning of some, comes back as it is. */
export function indented(text: string, cut: boolean): string {
  if (cut ? !/^\s*[[{]/.test(text) : !isJson(text)) return text;
  let [out, depth, opened] = ['', 0, false];
  const line = () => `\n${'  '.repeat(Math.min(depth, DEEPEST))}`;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at);
    if (/\s/.test(sign)) continue;
    const closes = sign === '}' || sign === ']';
    if (closes) depth = Math.max(0, depth - 1);
    // Nothing is between the signs of what is empty.
    if (opened !== closes) out += line();
    opened = sign === '{' || sign === '[';
    if (sign === '"') {
      const end = endOfText(text, at);
      out += text.slice(at, end + 1);
      at = end;
    } else if (sign === ',') out += `,${line()}`;
    else if (sign === ':') out += ': ';
    else out += sign;
    if (opened) depth++;
  }
  return out;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
