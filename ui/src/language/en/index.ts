// Every text of the window's own, in English, by a key that says where it stands. One file for each folder of screens.
//
// Messages are written in ICU MessageFormat, https://unicode-org.github.io/icu/userguide/format_parse/messages: a text
// alone, `{name}` for an argument that is a text, `{count, number}`, `{count, plural, one {# check} other {# checks}}`. A
// key that is not here, or an argument that is missing, does not type-check. What comes from Rust (problems, outcomes,
// guides, the names of labs) is data and stands nowhere here.
//
// For translators: `localStorage.setItem('language', 'en-XA')` in a window of `npm run dev`, and a reload, show every one
// of these texts with accents, in brackets and a third longer. What stays plain then is data, or was forgotten here.

import { components } from './components';
import { containers } from './containers';
import { guide } from './guide';
import { lab } from './lab';
import { map } from './map';
import { models } from './models';
import { plan } from './plan';
import { portfolio } from './portfolio';
import { roadmap } from './roadmap';
import { settings } from './settings';
import { shell } from './shell';
import { units } from './units';
import { vectors } from './vectors';

export const en = {
  ...shell,
  ...components,
  ...units,
  ...plan,
  ...lab,
  ...guide,
  ...models,
  ...vectors,
  ...map,
  ...containers,
  ...roadmap,
  ...portfolio,
  ...settings,
};
