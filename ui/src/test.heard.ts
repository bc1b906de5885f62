// For the test of the pseudo-locale: every text that a scripted backend answered with, was asked for, or told in an event.

import type { Backend, Event } from './backend/backend';
import { render } from './components/markdown';

export class Heard {
  #pieces = new Set<string>();

  /** The backend, with an ear at each of its commands. */
  wrap<B extends Backend>(backend: B): B {
    for (const [name, command] of Object.entries(backend)) {
      if (name === 'listen') {
        const listen = backend.listen.bind(backend);
        backend.listen = (heard) => listen((event: Event) => (this.add(event), heard(event)));
      } else if (name !== 'emit') {
        const asked = command as (...given: unknown[]) => Promise<unknown>;
        const listening = async (...given: unknown[]) => {
          this.add(given);
          try {
            const answer = await asked(...given);
            this.add(answer);
            return answer;
          } catch (refused) {
            this.add((refused as { problem?: unknown }).problem);
            throw refused;
          }
        };
        Object.assign(backend, { [name]: listening });
      }
    }
    return backend;
  }

  add(value: unknown): void {
    if (typeof value === 'string') this.#addText(value);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, each] of Object.entries(value)) {
        this.add(each);
        if (key === 'payload') {
          this.add(JSON.parse(String(each)));
          this.add(Object.keys(JSON.parse(String(each)) as object));
        }
        // Bodies are shown with each member on a line of its own.
        if (key === 'text' && /^\{"/.test(String(each)))
          this.#addText(JSON.stringify(JSON.parse(String(each)), null, 2));
        if (key === 'markdown') this.#addMarkdown(String(each));
      }
    }
  }

  /** Whole, by its lines, by what is code in it, and as the screens cut it. */
  #addText(text: string): void {
    // eslint-disable-next-line no-control-regex
    const plain = text.replaceAll(/\x1b\[\d*m/g, '');
    for (const each of [plain, ...plain.split('\n'), ...plain.split('`'), ...plain.split(/[\\/]/)])
      this.#pieces.add(bare(each));
    this.#pieces.add(bare(plain.split(/[\\/]/).slice(-2).join('/')));
    this.#pieces.add(bare(plain.replaceAll('-', ' ')));
    this.#pieces.add(bare(plain.replace(/^\/bin\/sh -c (#\(nop\))?/, '')));
  }

  #addMarkdown(text: string): void {
    const walker = document.createTreeWalker(render(text), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) this.#addText(walker.currentNode.textContent ?? '');
  }

  /** Whether these words were heard, as one text or as several with signs between them. */
  has(words: string): boolean {
    const known = (each: string) => !/[a-z]{2}/i.test(each) || this.#pieces.has(bare(each));
    return [/$/, /\n/, /, | · |: |; |[()]/, /[\s,;:=()]+/].some((between) => words.split(between).every(known));
  }
}

/** Without the signs and spaces around it, and as it looks in small letters: a sentence begins with a large one. */
function bare(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '')
    .toLowerCase();
}
