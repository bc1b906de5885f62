import { expect, test } from 'vitest';

import { bytes, calendar, clock, days, duration, minutes, sentence } from './format';

test.each([
  [minutes(0), '0 min'],
  [minutes(59.6), '1 h'],
  [minutes(130), '2 h 10 min'],
  [duration(null), ''],
  [duration(7.6), '8 ms'],
  [duration(412), '0.41 s'],
  [duration(12_345), '12 s'],
  [bytes(999), '999 B'],
  [bytes(98_000_000), '98 MB'],
  [bytes(2_400_000_000), '2.4 GB'],
  [calendar('2027-05-03'), '3 May 2027'],
  [calendar('some day'), 'some day'],
  [days(1, 1), 'Day 1'],
  [days(2, 3), 'Days 2–3'],
  [sentence('no Python was found'), 'No Python was found'],
  [sentence('port 80 is taken'), 'Port 80 is taken'],
  [sentence('lab.toml:3:1: no title'), 'lab.toml:3:1: no title'],
  [sentence('profile.toml is damaged'), 'profile.toml is damaged'],
  [sentence('http://127.0.0.1:9 cannot be reached'), 'http://127.0.0.1:9 cannot be reached'],
  [clock('2026-03-02T09:15:07', new Date('2026-03-02T20:00:00')), '09:15:07'],
  [clock('2026-03-01T09:15:07', new Date('2026-03-02T20:00:00')), '1 Mar 09:15:07'],
])('%s', (shown, wanted) => {
  expect(shown).toBe(wanted);
});
