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

  'plan.burn': 'Progress against the plan',
  'plan.burn.label': 'Checks passed by day, with the line of the plan',
  'plan.burn.reading': 'Reading what passed',
  'plan.burn.stand':
    '{passed, number} of {checks, plural, one {# check has} other {# checks have}} passed so far; the plan has {planned, number} by today.',
  'plan.burn.forecast':
    'At the pace of the last {days, plural, one {day} other {# days}}, {passed, plural, one {# check} other {# checks}}, the last one passes on {date}, day {day, number}.',
  'plan.burn.forecast.none': 'No forecast yet: it takes checks that passed on three of the last 14 days.',
  'plan.burn.done': 'The last one passed on {date}, day {day, number}.',
  'plan.burn.passed': 'Passed',
  'plan.burn.planned': 'Plan',
  'plan.burn.ahead': 'Forecast',
  'plan.burn.table': 'As a table',
  'plan.burn.day': 'Day',
  'plan.burn.date': 'Date',
  'plan.burn.method':
    'A check counts from the day on which it first passed, whatever became of it; the plan spreads the checks of a lab over its days. The forecast goes on at the pace of the last 14 days, or of all days so far where those are fewer.',

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
