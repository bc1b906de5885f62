// Sets the theme and the contrast before the first paint. src/shell/theme.svelte.ts changes them afterwards.
(function () {
  let theme = null;
  let contrast = null;
  try {
    theme = localStorage.getItem('theme');
    contrast = localStorage.getItem('contrast');
  } catch {
    // Storage is refused: follow the system.
  }
  const asked = (what) => matchMedia('(prefers-' + what + ')').matches;
  const dark = theme === 'dark' || (theme !== 'light' && asked('color-scheme: dark'));
  const more = contrast === 'more' || asked('contrast: more');
  const { dataset } = document.documentElement;
  dataset.theme = dark ? 'dark' : 'light';
  dataset.contrast = more ? 'more' : 'plain';
})();
