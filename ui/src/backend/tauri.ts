// The product's own window: generated commands, with a refusal thrown instead of returned.

import type { Backend } from './backend';
import { commands, events, type Problem } from './bindings.gen';
import { Refused } from './problem';

function throwing(command: (...given: never[]) => Promise<unknown>) {
  return async (...given: never[]) => {
    const answer = await command(...given);
    // A command that cannot be refused answers without a status.
    if (!isResult(answer)) return answer;
    if (answer.status === 'error') throw refusal(answer.error);
    return answer.data;
  };
}

/** What never reached its command is refused by the shell itself, in bare words. */
function refusal(error: unknown): Error {
  return isProblem(error) ? new Refused(error) : new Error(typeof error === 'string' ? error : JSON.stringify(error));
}

function isProblem(error: unknown): error is Problem {
  const { message, nextStep } = (error ?? {}) as Partial<Problem>;
  return typeof message === 'string' && typeof nextStep === 'string';
}

type Result = { status: 'ok'; data: unknown } | { status: 'error'; error: unknown };

function isResult(answer: unknown): answer is Result {
  return typeof answer === 'object' && answer !== null && 'status' in answer && ('data' in answer || 'error' in answer);
}

export const tauri = {
  ...Object.fromEntries(Object.entries(commands).map(([name, command]) => [name, throwing(command)])),
  listen: (heard) => events.happening.listen((event) => heard(event.payload)),
  onCalled: (called) => events.called.listen(called),
} as Backend;
