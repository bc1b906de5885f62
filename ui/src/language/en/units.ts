import { part } from '../catalogue';

export const units = part({
  'units.minutes': '{minutes, number} min',
  'units.hours': '{hours, number} h',
  'units.hoursAndMinutes': '{hours, number} h {minutes, number} min',
  'units.milliseconds': '{value} ms',
  'units.seconds': '{value} s',
  'units.B': '{value} B',
  'units.kB': '{value} kB',
  'units.MB': '{value} MB',
  'units.GB': '{value} GB',
  'units.TB': '{value} TB',
  'units.dateAndTime': '{date} {time}',
  'units.day': 'Day {day, number}',
  'units.days': 'Days {from, number}–{to, number}',
});
