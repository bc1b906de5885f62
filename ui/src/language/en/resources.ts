// The library of resources, on the Roadmap and at the end of a lab's guide.

import { part } from '../catalogue';

export const resources = part({
  'resources.lab': 'From the library',
  'resources.skill': 'Skill',
  'resources.all': 'All skills',
  'resources.find.placeholder': 'Find in titles and words',
  'resources.care':
    "Each says from when the knowledge of it is, and whether somebody has opened its address since. Exams and laws change: look at the publisher's page first.",
  'resources.none': 'Nothing has all of that. Take a word away, or choose another skill.',
  'resources.facts': '{kind} · {publisher} · {level} · {hours, number} h · {cost} · known {known}, {checked}',
  'resources.skip': 'Leave out: {parts}',
  'resources.copy': 'Copy the address of {title}',
});
