import { OttlFailure } from '../errors.ts';

/** What each directive stands for in a Go layout. */
const directives: Readonly<Record<string, string>> = {
  Y: '2006',
  y: '06',
  m: '01',
  o: '_1',
  q: '1',
  b: 'Jan',
  h: 'Jan',
  B: 'January',
  d: '02',
  e: '_2',
  g: '2',
  a: 'Mon',
  A: 'Monday',
  H: '15',
  I: '03',
  l: '3',
  p: 'PM',
  P: 'pm',
  M: '04',
  S: '05',
  L: '999',
  f: '999999',
  s: '999999999',
  Z: 'MST',
  z: 'Z0700',
  w: '-070000',
  i: '-07',
  j: '-07:00',
  k: '-07:00:00',
  D: '01/02/2006',
  x: '01/02/2006',
  F: '2006-01-02',
  T: '15:04:05',
  X: '15:04:05',
  r: '03:04:05 pm',
  R: '15:04',
  n: '\n',
  t: '\t',
  '%': '%',
  c: 'Mon Jan 02 15:04:05 2006',
};

/** What directives stand for when a time is read: digits may be fewer, and some directives mean several things, in turn. */
const readable: Readonly<Record<string, readonly string[]>> = {
  m: ['1'],
  o: ['1'],
  q: ['1'],
  d: ['2'],
  e: ['2'],
  g: ['2'],
  I: ['3'],
  M: ['4'],
  S: ['5'],
  D: ['1/2/2006', '1/2/06'],
  x: ['1/2/2006', '1/2/06'],
  F: ['2006-1-2'],
  T: ['15:4:5'],
  X: ['15:4:5'],
  r: ['3:4:5 pm'],
  R: ['15:4'],
  c: ['Mon Jan 2 15:4:5 2006'],
  z: ['Z0700', 'Z07:00', 'Z07'],
};
const mostMeanings = 3;

/** The Go layouts by which a text of this strptime format is read, the first that fits; throws as `goLayout`. */
export function readingLayouts(format: string): readonly string[] {
  goLayout(format);
  const layouts = new Set<string>();
  for (let date = 0; date < mostMeanings; date++) {
    for (let zone = 0; zone < mostMeanings; zone++) {
      const layout = format.replaceAll(/%([^\n])/gu, (_, letter: string) => {
        const meanings = readable[letter] ?? [directives[letter] ?? ''];
        return meanings[Math.min(letter === 'z' ? zone : date, meanings.length - 1)] ?? '';
      });
      layouts.add(layout);
    }
  }
  return [...layouts];
}

/**
 * The Go layout of a strptime format. As in the reference the result is text like any other: words such as `Jan` in
 * the format work as directives. Throws `OttlFailure` for an unknown directive, for digits, for nothing.
 */
export function goLayout(format: string): string {
  if (format === '') throw new OttlFailure('the format is empty');
  if (/[0-9]/.test(format)) throw new OttlFailure('a format must not hold digits', [format]);
  return format.replaceAll(/%([^\n])/gu, (directive, letter: string) => {
    const layout = Object.hasOwn(directives, letter) ? directives[letter] : undefined;
    if (layout === undefined)
      throw new OttlFailure(`${directive} is no directive of a time format`, [format]);
    return layout;
  });
}
