// A language that nobody speaks, made of the English one: what stays plain on the screen is in no catalogue, and what is
// cut off has no room for a language with longer words.

import type { CompiledMessage } from 'icu-minify/format';

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const ACCENTED = 'àƀçđéƒĝĥîĵķļɱñöþɋŕšţûṽŵẋýžÀƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ';

/** By how much other languages are longer than English. */
const LONGER = 0.3;

/** A text, `#`, an argument with its kind and options, or a tag with what is in it. */
type Piece = string | number | Piece[] | Branches;

interface Branches {
  [option: string]: Piece;
}

/** The message with other letters, longer, in brackets; its arguments and the syntax around them as they were. */
export function pseudo(message: CompiledMessage): CompiledMessage {
  const pieces = typeof message === 'string' ? [message] : (message as Piece[]);
  const filling = ' ·'.repeat(Math.ceil((LONGER * longest(pieces)) / 2));
  return ['⟦', ...pieces.map(accented), filling, '⟧'] as CompiledMessage;
}

function accented(piece: Piece): Piece {
  if (typeof piece === 'string') return [...piece].map((sign) => ACCENTED[PLAIN.indexOf(sign)] ?? sign).join('');
  if (!Array.isArray(piece)) return piece;
  const [name = '', kind, ...rest] = piece;
  if (kind === undefined) return piece;
  if (isTag(kind)) return [name, ...piece.slice(1).map(accented)];
  return [name, kind, ...rest.map((options) => (leadsOn(options) ? branches(options) : options))];
}

/** An argument has the number of its kind in second place; a tag has its first piece there, of which 0 is `#`. */
const isTag = (kind: Piece) => typeof kind !== 'number' || kind === 0;

/** Plurals and selects lead to other pieces; a number's options do not. */
const leadsOn = (options: Piece): options is Branches => typeof options === 'object' && 'other' in options;

/** A branch is one piece, or a list of them. */
const branches = (all: Branches): Branches =>
  Object.fromEntries(
    Object.entries(all).map(([name, branch]) => [
      name,
      Array.isArray(branch) ? branch.map(accented) : accented(branch),
    ]),
  );

/** The signs of the longest text that the pieces can become, arguments left out. */
function longest(pieces: Piece[]): number {
  return pieces.reduce<number>((sum, piece) => sum + lengthOf(piece), 0);
}

function lengthOf(piece: Piece): number {
  if (typeof piece === 'string') return piece.length;
  if (!Array.isArray(piece)) return 0;
  const [, kind, options] = piece;
  if (kind === undefined) return 0;
  if (isTag(kind)) return longest(piece.slice(1));
  if (options === undefined || !leadsOn(options)) return 0;
  return Math.max(...Object.values(options).map((each) => (Array.isArray(each) ? longest(each) : lengthOf(each))));
}
