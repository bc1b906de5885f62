// The pages of the made-up lab, as the window gets them: every kind of block stands on one of them.

import type { Block, FilePlace, Inline, Target } from '../bindings.gen';

const text = (words: string): Inline => ({ inline: 'text', text: words });
const mono = (code: string): Inline => ({ inline: 'code', code });
const strong = (words: string): Inline => ({ inline: 'strong', text: [text(words)] });
const link = (to: Target, words: string): Inline => ({ inline: 'link', to, text: [text(words)] });
const open = (path: string, line: number | null = null): Inline => link({ to: 'file', file: { path, line } }, path);

/** A line in which plain strings are text. */
const line = (...pieces: (string | Inline)[]): Inline[] =>
  pieces.map((piece) => (typeof piece === 'string' ? text(piece) : piece));
const p = (...pieces: (string | Inline)[]): Block => ({ block: 'paragraph', text: line(...pieces) });
const h = (anchor: string, words: string): Block => ({ block: 'heading', level: 2, anchor, text: [text(words)] });
const code = (language: string, lines: string, more: { run?: boolean; file?: FilePlace } = {}): Block => ({
  block: 'code',
  language,
  code: lines,
  run: more.run ?? false,
  file: more.file ?? null,
});
const note = (kind: string, title: string, ...blocks: Block[]): Block => ({
  block: 'note',
  kind,
  title: title === '' ? [] : [text(title)],
  blocks,
});
const item = (...pieces: (string | Inline)[]) => ({ ticked: null, blocks: [p(...pieces)] });

const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="360" height="90" font-family="sans-serif" font-size="13">
<g fill="none" stroke="#33415c" stroke-width="1.5"><rect x="1" y="25" width="90" height="40" rx="6"/><rect x="135" y="25" width="90" height="40" rx="6"/><rect x="269" y="25" width="90" height="40" rx="6"/><path d="M91 45h44M225 45h44"/></g>
<g fill="#1b1f24" text-anchor="middle"><text x="46" y="49">ask.py</text><text x="180" y="49">gateway</text><text x="314" y="49">model</text></g></svg>`;

export const guides: Record<string, Block[]> = {
  workspace: [
    p('Your copy of this lab is an ordinary folder. Open it in your editor, change a file, and save: the checks run.'),
    p('Open ', open('hello.py', 3), ' and let line 3 print this greeting, to the letter:'),
    code('python', 'print("Hello from Groundwork")', { file: { path: 'hello.py', line: 3 } }),
    p('Save the file. The line above the checks says when the save was seen.'),
    {
      block: 'quote',
      blocks: [p('Nothing is ever overwritten without a copy. ', strong('Reset'), ' keeps a snapshot.')],
    },
  ],
  python: [
    p('Every lab has its own Python environment. It was made when you started, from packages with pinned hashes.'),
    p('Use it in a terminal:'),
    code('sh', '. .groundwork/activate\npython hello.py', { run: true }),
    p('The check runs the same program in the same environment, with limits on time and memory.'),
    code('text', 'Hello from Groundwork'),
  ],
  model: [
    p('The gateway speaks the OpenAI protocol here. Code for it moves to a cloud by changing one address.'),
    {
      block: 'list',
      first: 1,
      items: [
        item('In ', open('settings.json', 2), ', name the model.'),
        item('In ', open('service.py'), ', answer ', mono('GET /health'), '.'),
        item('Run ', open('ask.py'), ', which asks one question.'),
      ],
    },
    {
      block: 'figure',
      figure: {
        source: `data:image/svg+xml;base64,${btoa(drawing)}`,
        alt: 'The program calls the gateway, the gateway the model',
        title: 'Who calls whom',
      },
    },
    note(
      'note',
      'One address',
      p('The check ', link({ to: 'check', check: 'health' }, 'GET /health'), ' asks your service, not the gateway.'),
    ),
    note('warning', '', p('A key in the source ends in git.')),
    note('linux', '', p('The port is free again at once.')),
    h('variables', 'What the environment holds'),
    {
      block: 'table',
      head: [line('variable'), line('what it holds')],
      rows: [
        [line(mono('OPENAI_BASE_URL')), line('the gateway’s address')],
        [line(mono('OPENAI_API_KEY')), line('this workspace’s key')],
      ],
    },
    { block: 'check', check: 'first-answer' },
    { block: 'rule' },
    p(
      'The client’s own documentation is at ',
      link({ to: 'web', url: 'https://platform.openai.com/docs' }, 'platform.openai.com/docs'),
      '. What stays here is told ',
      link({ to: 'step', step: 'privacy', heading: 'network' }, 'in the last step'),
      '.',
    ),
  ],
  privacy: [
    p('The model file, your answers and the record of your checks are all on this machine.'),
    h('network', 'What needs a network'),
    p('Only installing packages may use one, and it does not need to: a wheelhouse can stand in for the index.'),
    { block: 'check', check: 'stays-here' },
    {
      block: 'list',
      first: null,
      items: [
        { ticked: true, blocks: [p('The model answers with the network off')] },
        { ticked: false, blocks: [p('You have tried it')] },
      ],
    },
  ],
  telling: [
    p('Tell of what the program did, and of what you did.'),
    { block: 'figure', figure: { source: null, alt: 'A lost drawing', title: null } },
  ],
};
