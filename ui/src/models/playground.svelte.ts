// The conversation with the local model. It outlives the screen, so an answer goes on while the learner looks elsewhere.

import { backend, problemOf, type ChatOptions, type Generation, type Message, type Problem } from '../backend/backend';
import { tasks, type Task } from '../shell/tasks.svelte';

/** A question and what came of it. */
export class Turn {
  task = $state<Task | null>(null);
  refused = $state<Problem | null>(null);
  /** Stop was pressed, perhaps before the task had a number. */
  unwanted = false;

  constructor(readonly question: string) {}

  /** Of the answer, as they came. */
  get pieces(): string[] {
    return this.task?.output ?? [];
  }

  get answer(): string {
    return this.pieces.join('');
  }

  get running(): boolean {
    return this.refused === null && (this.task === null || this.task.state === 'running');
  }

  get stopped(): boolean {
    return this.task?.state === 'cancelled';
  }

  get problem(): Problem | null {
    return this.refused ?? this.task?.problem ?? null;
  }

  get generation(): Generation | null {
    return this.task?.generation ?? null;
  }
}

export const defaults: ChatOptions = { maxTokens: 256, temperature: 0.7, topP: 0.9, seed: null };

class Playground {
  turns = $state<Turn[]>([]);
  /** What is typed and not yet asked. */
  draft = $state('');
  options = $state<ChatOptions>({ ...defaults });

  get busy(): boolean {
    return this.turns.some((turn) => turn.running);
  }

  get last(): Turn | null {
    return this.turns.at(-1) ?? null;
  }

  /** Tokens that the conversation fills so far, as the model counted them last. */
  get used(): number {
    const counted = this.turns.findLast((turn) => turn.generation)?.generation;
    return counted ? counted.promptTokens + counted.completionTokens : 0;
  }

  async ask(question: string): Promise<void> {
    const turn = new Turn(question);
    // A turn without an answer is left out: two questions in a row would confuse the chat template.
    const before = this.turns.filter((each) => each.answer !== '').flatMap(messages);
    this.turns.push(turn);
    try {
      const task = await backend().chat([...before, { role: 'user', content: question }], { ...this.options });
      turn.task = tasks.of(task);
      if (turn.unwanted) await turn.task.cancel();
    } catch (thrown) {
      turn.refused = problemOf(thrown);
    }
  }

  async stop(): Promise<void> {
    const turn = this.last;
    if (!turn) return;
    turn.unwanted = true;
    await turn.task?.cancel();
  }

  clear(): void {
    for (const turn of this.turns) if (turn.task) tasks.forget(turn.task);
    this.turns = [];
  }
}

function messages(turn: Turn): Message[] {
  return [
    { role: 'user', content: turn.question },
    { role: 'assistant', content: turn.answer },
  ];
}

export const playground = new Playground();
