/** Where we read a recording otherwise than its manifest's convention, and why. At most five. */
import { allTags, keptIds, ownAttributes, toldApart, zipkinSpans } from './zipkin.ts';
import type { Entry } from './manifest.ts';
import type { Reading } from './reading.ts';

export interface Choice {
  readonly reason: string;
  readonly figure: string;
  /** What is wanted instead of the manifest's figure; undefined where the choice changes nothing. Throws when the manifest's
   * figure is not what its own convention gives. */
  wanted(entry: Entry, content: Buffer, reading: Reading): unknown;
}

const zipkin = (entry: Entry): boolean => entry.encoding.startsWith('zipkin');

export const choices: readonly Choice[] = [
  {
    figure: 'spansSha256',
    reason: 'a Zipkin span that is shared gets an id of its own: in OTLP two spans of a trace have two ids',
    wanted: (entry, content) => {
      const { shared } = entry.mustYield;
      if (!zipkin(entry) || shared === undefined || shared === 0) return undefined;
      const spans = zipkinSpans(content);
      return instead(entry, 'spansSha256', keptIds(spans), toldApart(spans));
    },
  },
  {
    figure: 'attributeTypes',
    reason:
      'tags of Zipkin that stand for a field of OTLP (status, scope, trace state) become it, and addresses of endpoints become attributes',
    wanted: (entry, content) => {
      if (!zipkin(entry)) return undefined;
      const spans = zipkinSpans(content);
      return instead(entry, 'attributeTypes', allTags(spans), ownAttributes(spans));
    },
  },
  {
    figure: 'attributeTypes',
    reason: 'integers beyond int64, which the SDK for JavaScript writes for large doubles, are doubles again',
    wanted: (entry, _content, { notices }) => {
      const wide = notices.get('integers beyond 64 bits, read as doubles') ?? 0;
      const { int = 0, double = 0, ...types } = entry.mustYield['attributeTypes'] as Record<string, number>;
      return wide === 0 ? undefined : { ...types, int: int - wide, double: double + wide };
    },
  },
  {
    figure: 'logs',
    reason: 'lines of plain text are log records, a line with those that go on with it one record',
    wanted: ({ encoding, mustYield }, _content, { tally }) => {
      const { logs } = tally.figures();
      const isLikely = typeof logs === 'number' && logs > 0 && logs <= Number(mustYield['lines']);
      return encoding === 'lines' && isLikely ? logs : undefined;
    },
  },
];

function instead(entry: Entry, figure: string, theirs: unknown, ours: unknown): unknown {
  const stated = entry.mustYield[figure];
  if (JSON.stringify(sorted(theirs)) !== JSON.stringify(sorted(stated)))
    throw new Error(`${figure} is not what the manifest's own convention gives: ${JSON.stringify(theirs)}`);
  return ours;
}

/** Members by their names, so that equal objects have equal JSON. */
export function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
