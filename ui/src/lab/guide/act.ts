// What a page of the guide may ask of the screen around it.

import type { FilePlace, Lab } from '../../backend/backend';

export interface Act {
  lab: Lab;
  openFile: (file: FilePlace) => void;
  /** Runs a command in the lab's terminal. */
  run: (code: string) => void;
  openCheck: (check: string) => void;
  openStep: (step: string, heading: string | null) => void;
  answered: (check: string, chosen: string[]) => void;
}

/** `ask.py:12` */
export function placed(file: FilePlace): string {
  return file.line === null ? file.path : `${file.path}:${file.line}`;
}
