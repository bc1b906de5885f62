// The messages that can be said by now. A part of the catalogue is here once its file has been loaded: those of the
// window and the Plan from the start (language.ts), every other one with the screen that says it.

import type { CompiledMessage } from 'icu-minify/format';

/** By their keys, as the build has compiled them: see vite.config.ts. */
export const messages: Record<string, CompiledMessage> = {};

/** Takes in a part, whose keys and texts are types. */
export function part<const Messages extends Record<string, string>>(taken: Messages): Messages {
  Object.assign(messages, taken);
  return taken;
}
