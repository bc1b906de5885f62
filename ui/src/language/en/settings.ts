import { part } from '../catalogue';

export const settings = part({
  'settings.title': 'Settings',
  'settings.theme': 'Theme',
  'settings.theme.system': 'As the system',
  'settings.theme.light': 'Light',
  'settings.theme.dark': 'Dark',
  'settings.contrast': 'Contrast',
  'settings.contrast.system': 'As the system',
  'settings.contrast.more': 'More',

  'settings.doctor': 'Doctor',
  'settings.doctor.good': 'Good',
  'settings.doctor.warning': 'Works, with less',
  'settings.doctor.bad': 'Needs mending',
  'settings.doctor.well': 'All labs can be done on this machine',
  'settings.doctor.mend': '{findings, plural, one {# finding} other {# findings}} to mend',
  'settings.doctor.looking': 'Looking',
  'settings.doctor.again': 'Look again',
  'settings.doctor.none': 'The doctor had nothing to look at.',
  'settings.doctor.wait': 'Looking at this machine',
});
