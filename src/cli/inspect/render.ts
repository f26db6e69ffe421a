/** What `respool inspect` says about one input. */
import { isoTime } from '../../model/time.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { visible } from '../terminal.ts';
import { bytesText, countText, durationText, itemsText, plural } from '../text.ts';
import type { Examined } from './examine.ts';
import { backendLimits, type Statistics } from './statistics.ts';

/** How many services, and how many unreadable regions, are named. */
const shownNames = 8;
const shownRegions = 3;

export function renderExamined(examined: Examined, warnings: readonly string[]): string {
  const lines = [examined.name, ...encodingLines(examined)];
  if (examined.statistics.items.size > 0) lines.push(...contentLines(examined));
  lines.push(...warnings.map((text) => `warning    ${text}`));
  lines.push(...unreadableLines(examined));
  return visible(lines.map((line, at) => (at === 0 ? line : `  ${line}`)).join('\n'));
}

function encodingLines(examined: Examined): string[] {
  const { compression, found, isEmpty } = examined;
  const packed = compression === undefined ? '' : `, ${compression}`;
  if (isEmpty) return [`empty${packed}`];
  if (found === undefined) return [`encoding   ${guessText(examined, packed)}`];
  const { encoding, detection } = found;
  const { lost, better, needs = [] } = encoding;
  const detail = detection.detail === undefined ? '' : `, ${detection.detail}`;
  const lines = [`encoding   ${encoding.name}${detail}${packed}: ${detection.reason}`];
  if (!encoding.readable) lines.push(`           recognised, and cannot be read yet: export it as OTLP`);
  if (lost.length > 0) lines.push(`lost       ${lost.join('; ')}`);
  if (better !== undefined && lost.length > 0) lines.push(`next time  ${better}`);
  return [...lines, ...needs.map((need) => `option     ${need}`)];
}

/** What an input may be whose encoding is not certain, or that it is no recording. */
function guessText({ guesses, stranger, failure }: Examined, packed: string): string {
  const named = guesses.map(
    ({ encoding, detection }) => `${encoding.name}, ${encoding.title} (${detection.reason})`,
  );
  if (named.length > 1) return `unsure${packed}: ${named.join(', or ')}; name the right one with \`format:\``;
  const [only] = named;
  if (only !== undefined) return `unknown${packed}: at most ${only}; if it is, name it with \`format:\``;
  if (failure !== undefined && stranger === undefined) return `unknown${packed}`;
  return `unknown${packed}: it is ${stranger ?? 'of no known encoding'}, and no recording`;
}

function contentLines({ statistics, notices }: Examined): string[] {
  const { items, ranges, services, traces, spanEvents, spanLinks } = statistics;
  const lines: string[] = [];
  for (const [signal, count] of items) {
    const extras =
      signal === 'traces'
        ? ` in ${plural(traces.count, 'trace')}${traces.isFull ? ' or more' : ''}${extraText(spanEvents, spanLinks)}`
        : '';
    lines.push(`${signal.padEnd(10)} ${itemsText(signal, count)}${extras}${rangeText(ranges.get(signal))}`);
  }
  const names = services.list(shownNames);
  const more = services.count > names.length ? ` and ${countText(services.count - names.length)} more` : '';
  lines.push(`services   ${names.join(', ')}${more}`);
  for (const [notice, times] of notices)
    lines.push(`note       ${notice}${times === 1 ? '' : ` (${countText(times)} times)`}`);
  return lines;
}

function extraText(events: number, links: number): string {
  const parts = [events > 0 ? plural(events, 'event') : '', links > 0 ? plural(links, 'link') : ''].filter(
    (text) => text !== '',
  );
  return parts.length === 0 ? '' : ` with ${parts.join(' and ')}`;
}

function rangeText(range: TimeRange | undefined): string {
  if (range === undefined) return ', without times';
  const ms = Number((range.endUnixNano - range.startUnixNano) / 1_000_000n);
  return `, ${isoTime(range.startUnixNano)} to ${isoTime(range.endUnixNano)} (${durationText(ms)})`;
}

/** What backends with default settings would refuse or hide. */
export function warningsOf(statistics: Statistics, nowUnixNano: bigint): string[] {
  const { ranges, longAttributes, longLines, lateLogs, spansWithoutIds, withoutTime } = statistics;
  const traces = ranges.get('traces');
  const logs = ranges.get('logs');
  const warnings: string[] = [];
  if (traces !== undefined && traces.endUnixNano < nowUnixNano - backendLimits.tempoSearchNano) {
    warnings.push(
      'Tempo finds these traces by id, and not by search, since they are older than its search looks back: `time_shift`, or `respool import --align end_to_now`',
    );
  }
  if (logs !== undefined && logs.startUnixNano < nowUnixNano - backendLimits.lokiMaxAgeNano) {
    warnings.push(
      'Loki refuses lines that are older than 7 days (`reject_old_samples_max_age`): `time_shift`, or `respool import --align end_to_now`',
    );
  }
  if (lateLogs > 0)
    warnings.push(
      `Loki refuses ${itemsText('logs', lateLogs)} that come more than 1 h behind a newer line of their service: sort the recording, or add a label for each part`,
    );
  if (longAttributes > 0)
    warnings.push(
      `Tempo cuts ${plural(longAttributes, 'attribute value')} longer than 2048 bytes (\`max_attribute_bytes\`)`,
    );
  if (longLines > 0)
    warnings.push(`Loki refuses ${itemsText('logs', longLines)} longer than 256 KB (\`max_line_size\`)`);
  if (spansWithoutIds > 0)
    warnings.push(
      `Tempo and Jaeger refuse a request that holds a span without ids: there are ${countText(spansWithoutIds)}`,
    );
  if (withoutTime > 0)
    warnings.push(`${plural(withoutTime, 'item')} without a time: backends take the time of arrival or 1970`);
  return warnings;
}

function unreadableLines({ unreadable, failure }: Examined): string[] {
  const lines = unreadable
    .slice(0, shownRegions)
    .map(
      ({ line, offset, bytes, reason }) =>
        `unreadable ${line === undefined ? `byte ${offset}` : `line ${line}`}: ${reason} (${bytesText(bytes)})`,
    );
  if (unreadable.length > shownRegions)
    lines.push(`unreadable and ${plural(unreadable.length - shownRegions, 'more region')}`);
  if (failure !== undefined) lines.push(`failed     ${failure}`);
  return lines;
}
