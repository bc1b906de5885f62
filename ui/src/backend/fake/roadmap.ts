// A made-up roadmap: a milestone of each standing, skills with and without labs, two resources.

import type { LabCard, Roadmap, RoadmapLab } from '../bindings.gen';

export function roadmap(cards: LabCard[]): Roadmap {
  const labs = (...slugs: string[]): RoadmapLab[] =>
    cards.filter((card) => slugs.includes(card.slug)).map(({ slug, title, state }) => ({ slug, title, state }));
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
          },
          {
            id: 'retrieval',
            title: 'A first application on retrieval',
            proof: 'Answers with sources.',
            labs: labs('rag-service', 'semantic-search'),
            standing: 'open',
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
    resources: [
      {
        id: 'fastapi-tutorial',
        title: 'FastAPI: Tutorial, User Guide',
        kind: 'documentation',
        publisher: 'FastAPI',
        url: 'https://fastapi.tiangolo.com/tutorial/',
        cost: 'free; MIT',
        level: 'foundation',
        hours: 8,
        labs: ['orientation'],
        skills: ['model-serving'],
        take: 'Path operations, bodies and dependencies.',
        skip: 'The SQL chapters.',
        known: '2026-02',
        checked: 'not checked',
      },
      {
        id: 'gdpr',
        title: 'General Data Protection Regulation',
        kind: 'law',
        publisher: 'European Union',
        url: 'https://eur-lex.europa.eu/eli/reg/2016/679/oj',
        cost: 'free',
        level: 'intermediate',
        hours: 4,
        labs: ['data-ethics'],
        skills: ['data-privacy'],
        take: 'Articles 5, 6 and 17.',
        skip: 'The chapters on authorities.',
        known: '2026-02',
        checked: 'not checked',
      },
    ],
  };
}
