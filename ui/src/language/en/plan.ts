import { part } from '../catalogue';

export const plan = part({
  'plan.title': 'Plan',
  'plan.reading': 'Reading the plan',
  'plan.labsDone': 'Labs done',
  'plan.checksPassed': 'Checks passed',
  'plan.time': 'Time on task',
  'plan.welcome':
    'Welcome. Labs are done in your own editor, checks run as you save, and everything stays on this machine. Day 1 begins with the first lab.',
  'plan.none': 'This pack has no plan. {labs, plural, one {# lab} other {# labs}} found.',
  'plan.pack': 'Pack',

  'plan.today': "Today's lab",
  'plan.today.eyebrow': 'Today',
  'plan.today.about': 'about {time}',
  'plan.today.passed': '{passed, number} of {checks, plural, one {# check} other {# checks}} passed',
  'plan.today.stale':
    '{passed, number} of {checks, plural, one {# check} other {# checks}} passed, {stale, number} to run again',
  'plan.today.open': 'Open lab',
  'plan.today.continue': 'Continue',
  'plan.today.done': 'Every lab of this pack is done',
  'plan.today.done.about': 'The record of what you built and measured is ready to be shown.',
  'plan.today.done.go': 'Open portfolio',
  'plan.today.empty': 'This pack holds no labs yet',
  'plan.today.empty.about': 'Settings shows where labs are looked for and whether the folder is complete.',
  'plan.today.empty.go': 'Open settings',

  'plan.phase.done': '{done, number} of {all, number} done',
  'plan.phase.none': 'No labs are planned for these days.',

  'plan.lab.days': 'Days',
  'plan.lab.on': '{days}: {title}',
  'plan.lab.range': '{from, number}–{to, number}',
  'plan.lab.spent': '{time} spent',
  'plan.lab.done': 'Done',
  'plan.lab.today': 'Today',
  'plan.lab.notStarted': 'Not started',
  'plan.lab.absent': 'Not in this pack',
  'plan.lab.checks': 'checks passed',
  'plan.lab.checks.stale': 'checks passed, {stale, number} to run again',
});
