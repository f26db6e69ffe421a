import type { FunctionDocs } from './doc.ts';

/** Functions of times and durations. */
export const timeDocs: FunctionDocs = {
  Day: {
    summary: 'The day of the month of a time.',
    examples: [['Day(Unix(1714564800))', '1']],
  },
  Duration: {
    summary: 'A duration from a text as Go writes them.',
    examples: [
      ['Duration("1h30m")', '5400 s'],
      ['Duration("-250ms")', '-0.25 s'],
    ],
  },
  FormatTime: {
    summary: 'A time as text, by strptime directives.',
    examples: [['FormatTime(Unix(1714564800), "%Y-%m-%d %H:%M:%S")', '"2024-05-01 12:00:00"']],
  },
  Hour: {
    summary: 'The hour of a time, 0 to 23.',
    examples: [['Hour(Unix(1714564800))', '12']],
  },
  Hours: {
    summary: 'The hours of a duration, as a float.',
    examples: [['Hours(Duration("90m"))', '1.5']],
  },
  Microseconds: {
    summary: 'The whole microseconds of a duration.',
    examples: [['Microseconds(Duration("1.5ms"))', '1500']],
  },
  Milliseconds: {
    summary: 'The whole milliseconds of a duration.',
    examples: [['Milliseconds(Duration("1.5s"))', '1500']],
  },
  Minute: {
    summary: 'The minute of a time.',
    examples: [['Minute(Unix(1714564861))', '1']],
  },
  Minutes: {
    summary: 'The minutes of a duration, as a float.',
    examples: [['Minutes(Duration("90s"))', '1.5']],
  },
  Month: {
    summary: 'The month of a time, 1 to 12.',
    examples: [['Month(Unix(1714564800))', '5']],
  },
  Nanosecond: {
    summary: 'The nanoseconds of a time within its second.',
    examples: [['Nanosecond(Unix(1714564800, 5))', '5']],
  },
  Nanoseconds: {
    summary: 'The nanoseconds of a duration.',
    examples: [['Nanoseconds(Duration("1us"))', '1000']],
  },
  Now: {
    summary: 'The time at which the statement runs, in the zone of the process.',
    examples: [['Now()', '2024-05-01T12:00:00Z']],
  },
  Second: {
    summary: 'The second of a time.',
    examples: [['Second(Unix(1714564861))', '1']],
  },
  Seconds: {
    summary: 'The seconds of a duration, as a float.',
    examples: [['Seconds(Duration("1.5s"))', '1.5']],
  },
  Time: {
    summary:
      'A time from a text, by strptime directives; `location` is the zone of texts that name none, `locale` the language of months and days.',
    examples: [
      ['Time("2024-05-01 12:00:00", "%Y-%m-%d %H:%M:%S")', '2024-05-01T12:00:00Z'],
      ['Time("1 mai 2024", "%e %B %Y", "Europe/Paris", "fr")', '2024-05-01T00:00:00+02:00'],
    ],
  },
  TruncateTime: {
    summary: 'The last multiple of a duration before a time, counted from year 1.',
    examples: [['TruncateTime(Unix(1714564861), Duration("1h"))', '2024-05-01T12:00:00Z']],
  },
  Unix: {
    summary: 'The time so many seconds and nanoseconds after 1970.',
    examples: [
      ['Unix(1714564800)', '2024-05-01T12:00:00Z'],
      ['Unix(0, 5)', '1970-01-01T00:00:00.000000005Z'],
    ],
  },
  UnixMicro: {
    summary: 'Microseconds since 1970.',
    examples: [['UnixMicro(Unix(1, 5000))', '1000005']],
  },
  UnixMilli: {
    summary: 'Milliseconds since 1970.',
    examples: [['UnixMilli(Unix(1, 5000000))', '1005']],
  },
  UnixNano: {
    summary: 'Nanoseconds since 1970.',
    examples: [['UnixNano(Unix(1, 5))', '1000000005']],
  },
  UnixSeconds: {
    summary: 'Seconds since 1970.',
    examples: [['UnixSeconds(Unix(1714564800))', '1714564800']],
  },
  Weekday: {
    summary: 'The day of the week of a time, 0 for Sunday.',
    examples: [['Weekday(Unix(1714564800))', '3']],
  },
  Year: {
    summary: 'The year of a time.',
    examples: [['Year(Unix(1714564800))', '2024']],
  },
};
