import type { Component } from 'svelte';

interface Page {
  default: Component;
  /** What it is for, in a sentence. */
  about: string;
}

const found = import.meta.glob<Page>('./pages/*.svelte', { eager: true });

/** By name: those of components are called like them. */
export const pages: Record<string, Page> = Object.fromEntries(
  Object.entries(found).map(([path, page]) => [path.replace(/.*\/|\.svelte$/g, ''), page]),
);

/** What every component is made of comes first. */
const FOUNDATIONS = ['Tokens', 'Icon', 'Controls'];

export const sections = [
  { title: 'Foundations', names: FOUNDATIONS },
  { title: 'Components', names: Object.keys(pages).filter((name) => !FOUNDATIONS.includes(name)) },
];
