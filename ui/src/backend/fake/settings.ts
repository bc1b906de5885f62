// Where the scripted product's things lie, which editors it found, whose keys it knows, and how it refuses.

import type { Editors, Folder, FolderKind, Key, KnownEditor, Problem, RecordSummary } from '../bindings.gen';

const DATA = '/home/ada/.local/share/groundwork';

export function folders(home: string, fresh: boolean): Folder[] {
  return [
    { kind: 'workspaces', path: home, exists: !fresh },
    { kind: 'data', path: DATA, exists: true },
    { kind: 'models', path: `${DATA}/models`, exists: !fresh },
    { kind: 'portfolio', path: home, exists: false },
  ];
}

export const sizes: Record<FolderKind, number> = { workspaces: 48.2e6, data: 612e6, models: 1.27e9, portfolio: 0 };

export const noFileManager: Problem = {
  code: 'folder.not_shown',
  message: `${DATA} could not be shown: xdg-open is not installed.`,
  nextStep: `Open ${DATA} in a file manager or a terminal yourself.`,
  owner: 'learner',
};

const installed: KnownEditor[] = [
  { command: 'code', name: 'Visual Studio Code', inTerminal: false },
  { command: 'zed', name: 'Zed', inTerminal: false },
  { command: 'nvim', name: 'Neovim', inTerminal: true },
];

export function editors(chosen: string | null, none: Problem | null): Editors {
  const [first] = none ? [] : installed;
  return { chosen, usual: first?.name ?? null, installed: none ? [] : installed, problem: chosen ? null : none };
}

export const noSuchEditor = (command: string): Problem => ({
  code: 'editor.missing',
  message: `the editor \`${command}\` that you chose cannot be opened: there is no such program on the PATH`,
  nextStep: 'Choose another in Settings, or with `groundwork editor use`; or install what is missing.',
  owner: 'learner',
});

export const keys = (lastUsed: string): Key[] => [
  { lab: 'orientation', begins: 'gw-7Qe2vX', lastUsed, renewable: true },
  { lab: 'orientation', begins: '', lastUsed: null, renewable: false },
];

export const record: RecordSummary = { workspaces: 3, outcomes: 412, latest: '2026-03-02T16:40:12.5Z' };

export const noRecord = (file: string): Problem => ({
  code: 'record.unfit',
  message: `${file} cannot be imported: it is no record of Groundwork.`,
  nextStep: 'Choose a file that `groundwork data export` wrote, or the window. Your record is as it was.',
  owner: 'learner',
});
