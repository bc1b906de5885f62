// What a learner, an author or a machine may have made long, made longer than is kind.

import type { Block, Inline, Span } from '../bindings.gen';
import type { Fake } from '../fake';
import { failed } from './facts';

/** Behind what is said in words. */
const WORDS = ', told at such length that no row of a list, no button and no heading of a small window has room for it';
/** Behind what is a name: no line may end in it. */
const NAME = '-of_the_department_for_information_retrieval_and_knowledge_infrastructure_in_the_north';

const behind = (end: string, fields: string) => Object.fromEntries(fields.split(' ').map((field) => [field, end]));

/** What stands behind a text, by the name of its field. */
const ENDS: Record<string, string> = {
  ...behind(WORDS, 'title summary message nextStep detail hint hints expected actual question what reason'),
  ...behind(WORDS, 'proof focus ethics capability why takes take skip topic concept here azure aws publisher cost'),
  ...behind(NAME, 'name names path file shown url label model service container fields licence source suggested'),
  ...behind(NAME, 'madeBy priceTable root injected'),
};

function change(value: unknown, text: (text: string, field: string) => string, field = ''): unknown {
  if (typeof value === 'string') return text(value, field);
  if (Array.isArray(value)) return value.map((each) => change(each, text, field));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, change(each, text, name)]));
}

/** The same with long texts; what is one of a few words, a picture or nothing stays. */
export const longer = <Value>(value: Value): Value =>
  change(value, (text, field) => {
    const end = ENDS[field] ?? '';
    const stays = text === '' || text.startsWith('data:') || (end === WORDS && /^[a-z_]+$/.test(text));
    return stays ? text : text + end;
  }) as Value;

/** What was asked with long texts, as it was before. */
export const shorter = <Value>(value: Value): Value =>
  change(value, (text) => text.replaceAll(WORDS, '').replaceAll(NAME, '')) as Value;

const words = (text: string): Inline[] => [{ inline: 'text', text }];
const code = (text: string): Inline => ({ inline: 'code', code: text });
const column = (at: number) => `column_${at}_of_the_measurements`;
const columns = Array.from({ length: 12 }, (_, at) => column(at));

/** Lists in lists, quotes in quotes. */
const nested = (depth: number): Block[] => {
  const blocks: Block[] = [{ block: 'paragraph', text: words(`At depth ${depth}${WORDS}.`) }];
  if (depth === 8) return blocks;
  const inner = [...blocks, ...nested(depth + 1)];
  return depth % 2 === 0
    ? [{ block: 'list', first: null, items: [{ ticked: null, blocks: inner }] }]
    : [{ block: 'quote', blocks: inner }];
};

const wide: Block[] = [
  {
    block: 'paragraph',
    text: [...words('Nothing in it ends a line: '), code(`settings${NAME}`), ...words(`x${NAME}`)],
  },
  {
    block: 'code',
    language: 'python',
    code: `print("${NAME.repeat(3)}")`,
    run: true,
    file: { path: 'hello.py', line: 3 },
  },
  { block: 'table', head: columns.map(words), rows: [columns.map((each) => [code(each)])] },
  { block: 'note', kind: 'warning', title: words(`A note${WORDS}`), blocks: nested(0) },
];

const table = [columns, columns.map(() => '---'), columns].map((row) => `| ${row.join(' | ')} |`).join('\n');
const page = `### Wide\n\n\`settings${NAME}\` x${NAME}\n\n\`\`\`python\nprint("${NAME.repeat(3)}")\n\`\`\`\n\n${table}\n`;

const deep: Span[] = Array.from({ length: 60 }, (_, depth) => ({
  ...{ id: `d${depth}`, name: `call ${depth}`, service: 'orientation', status: 'ok', depth },
  ...{ offsetMs: depth, millis: 120 - 2 * depth, attributes: [{ name: 'gen_ai.prompt', value: NAME.repeat(20) }] },
}));
const trace = { id: 'deep', name: 'deep', service: 'orientation', at: '2026-03-02T09:15:07Z', millis: 120 };

/** Commands that answer with wide, deep or more things, which are then made long with the others. */
export const drawnOut = (usual: Fake): Partial<Fake> => ({
  async plan() {
    const packs = ['one', 'other'].map((id) => ({ id, title: `Pack ${id}`, open: id === 'one' }));
    return { ...(await usual.plan()), packs, notices: [failed] };
  },
  async lab(slug) {
    const lab = await usual.lab(slug);
    const [first, ...others] = lab.steps;
    return { ...lab, steps: first ? [{ ...first, guide: [...first.guide, ...wide] }, ...others] : [] };
  },
  async traces(lab) {
    const found = await usual.traces(lab);
    return { ...found, traces: [{ ...trace, spans: deep.length, errors: 0 }, ...found.traces] };
  },
  async trace(lab, id) {
    if (id !== trace.id) return usual.trace(lab, id);
    return { trace: { ...trace, spans: deep.length, errors: 0 }, spans: deep, more: 0 };
  },
  async collections() {
    return { ...(await usual.collections()), unreadable: [{ name: 'damaged', problem: failed }] };
  },
  async queryCollection(asked) {
    return (await usual.queryCollection(asked)).map((found) => ({ ...found, id: found.id + NAME }));
  },
  async deployments() {
    const found = await usual.deployments();
    return { ...found, problems: [failed] };
  },
  async serviceLog() {
    return [`INFO: ${WORDS}${NAME.repeat(3)}`];
  },
  async notes() {
    return { text: `Notes${WORDS}\n\n${NAME.repeat(3)}`, at: '2026-03-02T09:15:07Z' };
  },
  async writeUp() {
    return [...(await usual.writeUp()), { by: 'record', markdown: page }];
  },
});
