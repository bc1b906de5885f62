// Every text of the window's own, in English, by a key that says where it stands. One file for each folder of screens,
// which the screen takes in before all else; what the window and the Plan say is there from the start.
//
// Messages are written in ICU MessageFormat, https://unicode-org.github.io/icu/userguide/format_parse/messages: a text
// alone, `{name}` for an argument that is a text, `{count, number}`, `{count, plural, one {# check} other {# checks}}`. A
// key that is not here, or an argument that is missing, does not type-check. What comes from Rust (problems, outcomes,
// guides, the names of labs) is data and stands nowhere here.
//
// For translators: `localStorage.setItem('language', 'en-XA')` in a window of `npm run dev`, and a reload, show every one
// of these texts with accents, in brackets and a third longer. What stays plain then is data, or was forgotten here.

import type { components } from './components';
import type { containers } from './containers';
import type { guide } from './guide';
import type { lab } from './lab';
import type { map } from './map';
import type { models } from './models';
import type { plan } from './plan';
import type { portfolio } from './portfolio';
import type { resources } from './resources';
import type { roadmap } from './roadmap';
import type { settings } from './settings';
import type { shell } from './shell';
import type { units } from './units';
import type { vectors } from './vectors';

export type English = typeof shell &
  typeof components &
  typeof units &
  typeof plan &
  typeof lab &
  typeof guide &
  typeof models &
  typeof vectors &
  typeof map &
  typeof containers &
  typeof resources &
  typeof roadmap &
  typeof portfolio &
  typeof settings;
