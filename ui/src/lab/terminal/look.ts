// The terminal's colours, from the window's own.

import type { ITheme } from '@xterm/xterm';

export function colours(): ITheme {
  const styles = getComputedStyle(document.documentElement);
  const token = (name: string) => styles.getPropertyValue(`--${name}`).trim();
  const [red, green, yellow, blue] = [token('bad'), token('good'), token('warn'), token('accent')];
  const [magenta, cyan, soft, text] = [token('group-4'), token('group-6'), token('text-soft'), token('text')];
  return {
    background: token('inset'),
    foreground: text,
    cursor: text,
    cursorAccent: token('inset'),
    selectionBackground: token('line-strong'),
    scrollbarSliderBackground: token('line-strong'),
    scrollbarSliderHoverBackground: token('control'),
    scrollbarSliderActiveBackground: token('control'),
    ...{ black: text, red, green, yellow, blue, magenta, cyan, white: soft },
    ...{ brightBlack: token('text-faint'), brightRed: red, brightGreen: green, brightYellow: yellow },
    ...{ brightBlue: blue, brightMagenta: magenta, brightCyan: cyan, brightWhite: text },
  };
}

export const font = { family: "'JetBrains Mono', ui-monospace, 'DejaVu Sans Mono', monospace", size: 12 };
