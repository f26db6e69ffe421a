/** Tells how far a run is: one live line on a terminal, a line every few seconds in a pipe. */
import type { Clock } from '../pipeline/clock.ts';
import type { Progress } from '../pipeline/run.ts';
import { bytesText, countText, durationText } from './text.ts';
import type { Terminal } from './terminal.ts';

const liveEveryMs = 200;
const printEveryMs = 5000;
const quietEveryMs = 60_000;

/** Starts telling; the returned function stops it. When quiet, only a backend that does not answer is told of. */
export function showProgress(
  terminal: Terminal,
  clock: Clock,
  read: () => Progress,
  quiet: boolean,
): () => void {
  let cancel: () => void = () => {};
  let printedMs = clock.monotonicMs();
  let waitingFor = '';
  const tell = (progress: Progress): void => {
    const waits =
      progress.waiting === undefined ? '' : `${progress.waiting.target} ${progress.waiting.reason}`;
    const isNews = waits !== '' && waits !== waitingFor;
    waitingFor = waits;
    const isDue = clock.monotonicMs() - printedMs >= (quiet ? quietEveryMs : printEveryMs);
    if (!isNews && !(isDue && (!quiet || waits !== ''))) return;
    terminal.print(progressText(progress));
    printedMs = clock.monotonicMs();
  };
  const tick = (): void => {
    const progress = read();
    if (terminal.isLive && !quiet) terminal.live(progressText(progress));
    else tell(progress);
    cancel = clock.after(liveEveryMs, tick);
  };
  cancel = clock.after(liveEveryMs, tick);
  return () => {
    cancel();
    terminal.live('');
  };
}

/** `  42%  120 MiB of 286 MiB  ·  24 000 read  ·  22 100 delivered  ·  12 000/s  ·  14 s left`. */
function progressText(progress: Progress): string {
  const { readBytes, totalBytes, itemsRead, itemsDelivered, elapsedMs, phase, waiting } = progress;
  const parts: string[] = [];
  if (phase === 'scanning') parts.push('looking for the time range of all inputs');
  else if (totalBytes === undefined || totalBytes === 0) parts.push(`${bytesText(readBytes)} read`);
  else
    parts.push(
      `${Math.floor((100 * Math.min(readBytes, totalBytes)) / totalBytes)}%`,
      `${bytesText(readBytes)} of ${bytesText(totalBytes)}`,
    );
  parts.push(`${countText(itemsRead)} items read`, `${countText(itemsDelivered)} delivered`);
  if (waiting !== undefined) {
    // What a backend answered names its address and its status.
    const target = waiting.status === undefined ? `${waiting.target}: ` : '';
    parts.push(`waiting for ${target}${waiting.reason}, attempt ${waiting.attempt}`);
  } else if (elapsedMs > 1000) {
    parts.push(`${countText(Math.round((1000 * itemsRead) / elapsedMs))}/s`);
    const left =
      phase === 'reading' && totalBytes !== undefined && readBytes > 0
        ? (elapsedMs * (totalBytes - readBytes)) / readBytes
        : 0;
    if (left > 0) parts.push(`${durationText(left)} left`);
  }
  return parts.join('  ·  ');
}
