/** `respool inspect`: what recordings hold, before anyone sends them anywhere. */
import { itemNouns, signals } from '../model/signal.ts';
import { systemClock } from '../pipeline/clock.ts';
import { examine, type Examined } from './inspect/examine.ts';
import { renderExamined, warningsOf } from './inspect/render.ts';
import { exitCodes } from './exit.ts';
import { inputsOf } from './recording.ts';
import { countText, plural } from './text.ts';

export async function inspectCommand(paths: readonly string[]): Promise<number> {
  const nowUnixNano = systemClock.nowUnixNano();
  const inputs = await inputsOf(paths);
  const isMany = inputs.length > mostWarnedAlone;
  const all: Examined[] = [];
  const warned = new Map<string, number>();
  for (const input of inputs) {
    const examined = await examine(input);
    const warnings = warningsOf(examined.statistics, nowUnixNano);
    for (const text of warnings) warned.set(text, (warned.get(text) ?? 0) + 1);
    console.log(`${renderExamined(examined, isMany ? [] : warnings)}\n`);
    all.push(examined);
  }
  if (isMany)
    for (const [text, times] of warned) console.log(`warning for ${plural(times, 'file')}: ${text}`);
  if (all.length > 1) console.log(totalText(all));
  return all.some(isIncomplete) ? exitCodes.incomplete : exitCodes.ok;
}

/** With more files than this, what would be warned of for each is said once for all. */
const mostWarnedAlone = 4;

function isIncomplete({ unreadable, failure }: Examined): boolean {
  return unreadable.length > 0 || failure !== undefined;
}

function totalText(all: readonly Examined[]): string {
  const readable = all.filter(({ found }) => found?.encoding.readable === true);
  const known = all.filter(({ found }) => found !== undefined && !found.encoding.readable);
  const unknown = all.filter(({ found, isEmpty }) => found === undefined && !isEmpty);
  const items = signals.flatMap((signal) => {
    const count = all.reduce((sum, { statistics }) => sum + (statistics.items.get(signal) ?? 0), 0);
    return count === 0
      ? []
      : [`${countText(count)} ${count === 1 ? itemNouns[signal].one : itemNouns[signal].many}`];
  });
  const parts = [
    `${plural(readable.length, 'recording')}${items.length === 0 ? '' : ` with ${items.join(', ')}`}`,
  ];
  if (known.length > 0) parts.push(`${countText(known.length)} of a known form that cannot be read yet`);
  if (unknown.length > 0) parts.push(`${countText(unknown.length)} of no known form`);
  return `${plural(all.length, 'file')}: ${parts.join('; ')}`;
}
