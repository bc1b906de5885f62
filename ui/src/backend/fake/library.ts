// A made-up library: one resource about a lab that is there and one that is planned, one about a planned lab alone.

import type { Resource } from '../bindings.gen';

export const library: Resource[] = [
  {
    id: 'fastapi-tutorial',
    title: 'FastAPI: Tutorial, User Guide',
    kind: 'documentation',
    publisher: 'FastAPI',
    url: 'https://fastapi.tiangolo.com/tutorial/',
    cost: 'free; MIT',
    level: 'foundation',
    hours: 8,
    labs: ['orientation', 'fastapi-first-service'],
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
];
