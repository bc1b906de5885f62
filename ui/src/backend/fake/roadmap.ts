// A made-up roadmap: a milestone of each standing with what was recorded for it, skills and priorities with and without
// labs, an atlas of two topics, and the library.

import type { LabCard, LabEvidence, Roadmap, RoadmapLab } from '../bindings.gen';
import { library } from './library';

export function roadmap(cards: LabCard[]): Roadmap {
  const labs = (...slugs: string[]): RoadmapLab[] =>
    cards
      .filter((card) => slugs.includes(card.slug))
      .map(({ slug, title, state, passed, checks }) => ({ slug, title, state, passed, checks }));
  const lab = (slug: string): RoadmapLab =>
    labs(slug)[0] ?? { slug, title: slug, state: 'not_in_pack', passed: 0, checks: 0 };
  const own = cards.find((card) => card.slug === 'orientation');
  const [passed, checks] = [own?.passed ?? 0, own?.checks ?? 0];
  const done = own?.state === 'done';
  return {
    years: [
      {
        year: 1,
        title: 'AI-aware infrastructure engineer',
        focus: 'Models behind services that behave.',
        ethics: 'Where data comes from, and what may be done with it.',
        capability: 'You run the infrastructure of AI workloads.',
        milestones: [
          {
            id: 'first-answer',
            title: 'A model answers',
            proof: 'A first streamed answer, measured.',
            labs: labs('orientation'),
            standing: done ? 'met' : passed > 0 ? 'begun' : 'open',
            evidence: passed > 0 ? [recorded(done)] : [],
          },
          {
            id: 'retrieval',
            title: 'A first application on retrieval',
            proof: 'Answers with sources.',
            labs: labs('rag-service', 'semantic-search'),
            standing: 'open',
            evidence: [],
          },
        ],
      },
      {
        year: 3,
        title: 'AI platform engineer',
        focus: 'Platforms that others serve themselves from.',
        ethics: 'Rules that a platform keeps by itself.',
        capability: 'You build the platform on which an organization uses AI.',
        milestones: [
          {
            id: 'governance',
            title: 'Governance that machines carry out',
            proof: 'A rule that a pipeline enforces.',
            labs: [],
            standing: 'outside',
            evidence: [],
          },
        ],
      },
    ],
    skills: [
      {
        id: 'model-serving',
        title: 'Model serving',
        side: 'technical',
        year: 1,
        labs: labs('orientation'),
        passed,
        checks,
      },
      { id: 'kubernetes', title: 'Kubernetes', side: 'technical', year: 2, labs: [], passed: 0, checks: 0 },
      {
        id: 'data-privacy',
        title: 'Data privacy',
        side: 'ethical',
        year: 1,
        labs: labs('data-ethics'),
        passed: 0,
        checks: 0,
      },
    ],
    priorities: [
      {
        title: 'Running models',
        why: 'Prototypes are many; who runs one is rarer.',
        takes: ['deployment and serving', 'evaluation'],
        labs: labs('orientation', 'evaluation'),
      },
      {
        title: 'Use at work',
        why: 'No lab can stand in for it.',
        takes: ['making prototypes run'],
        labs: [],
      },
    ],
    atlas: [
      {
        topic: 'Calling a model',
        concept: 'A model as a service',
        here: 'the gateway and its local model',
        azure: 'Azure OpenAI',
        aws: 'Amazon Bedrock',
        lab: lab('orientation'),
      },
      {
        topic: 'Calling a model',
        concept: 'What `model=` names',
        here: 'a model',
        azure: 'your deployment',
        aws: 'a model id or an inference profile',
        lab: lab('llm-first-deployment'),
      },
      {
        topic: 'Vectors',
        concept: 'A vector index',
        here: 'a collection',
        azure: 'Azure AI Search',
        aws: 'OpenSearch',
        lab: lab('vector-database'),
      },
    ],
    resources: library,
    labs: labs(...cards.map((card) => card.slug)),
  };
}

/** A figure at first; more of them, and an entry, when all is done. */
function recorded(done: boolean): LabEvidence {
  const run = {
    check: 'hello.py runs',
    at: '2026-03-02T09:15:07Z',
    measured: [{ name: 'run time', value: '38', unit: 'ms' }],
  };
  const answer = {
    check: 'Your program answers',
    at: '2026-03-03T10:02:41Z',
    measured: [
      { name: 'first token', value: '210', unit: 'ms' },
      { name: 'speed', value: '61.3', unit: 'tok/s' },
    ],
  };
  const entry = {
    lab: 'orientation',
    at: '2026-03-03T10:20:00Z',
    sort: 'decision',
    title: 'Where the model runs',
    text: 'On this machine, until the notes are public.',
    url: 'https://example.org/minutes',
  };
  return {
    lab: 'orientation',
    title: 'Orientation',
    measurements: done ? [run, answer] : [run],
    entries: done ? [entry] : [],
  };
}
