/** Tells times in the wrong unit by their magnitude. Nothing is changed: what was recorded is what is replayed. */
import { firstTimesOf, timeRangeOf, type AnyBatch } from '../../model/batches.ts';
import { itemNouns, type Signal } from '../../model/signal.ts';
import { isoTime } from '../../model/time.ts';

/** From the shortest on; how many nanoseconds are in one. */
const units = [
  ['microseconds', 1000n],
  ['milliseconds', 1_000_000n],
  ['seconds', 1_000_000_000n],
] as const;

/** What telemetry may carry, from before there was tracing. In another unit, or counted from a start, it is not in here. */
const earliestNano = BigInt(Date.UTC(2005, 0)) * 1_000_000n;
const latestNano = BigInt(Date.UTC(2050, 0)) * 1_000_000n;

/** So many items at the beginning of each batch are looked at: whoever takes a wrong unit takes it for all. */
const sampledItems = 16;

export class TimeUnits {
  private readonly said = new Set<string>();
  /** Signals whose times count from elsewhere than 1970, as those of a simulation do: of them nothing is said. */
  private readonly relative = new Set<Signal>();

  /** What to say of a batch whose times are all in the same wrong unit; once for each signal and unit. */
  look(batch: AnyBatch): string | undefined {
    const { signal } = batch;
    if (this.relative.has(signal)) return undefined;
    const range = timeRangeOf(batch);
    if (range === undefined || (isPlausible(range.startUnixNano) && isPlausible(range.endUnixNano)))
      return undefined;
    const times = firstTimesOf(batch, sampledItems);
    const [example] = times;
    if (example === undefined || isPlausible(example)) return undefined;
    const unit = unitOf(example);
    if (unit === undefined) this.relative.add(signal);
    if (unit === undefined || times.some((time) => unitOf(time) !== unit)) return undefined;
    const [name, nanos] = unit;
    const key = `${signal} ${name}`;
    if (this.said.has(key)) return undefined;
    this.said.add(key);
    return (
      `the times of ${itemNouns[signal].many} look like ${name} instead of nanoseconds: ${example} is ` +
      `${dateOf(example)} as it stands, and ${dateOf(example * nanos)} in ${name}. They are passed on as they are; ` +
      `a \`transform\` mends them with ${remedies[signal](nanos)}`
    );
  }
}

function isPlausible(nanos: bigint): boolean {
  return nanos >= earliestNano && nanos <= latestNano;
}

function unitOf(time: bigint): (typeof units)[number] | undefined {
  return units.find(([, nanos]) => isPlausible(time * nanos));
}

function dateOf(nanos: bigint): string {
  return isoTime(nanos).replace(/\.\d+Z/u, 'Z');
}

const remedies: Record<Signal, (nanos: bigint) => string> = {
  traces: (nanos) => `${times('span.start_time_unix_nano', nanos)} and the same for span.end_time_unix_nano`,
  logs: (nanos) => times('log.time_unix_nano', nanos),
  metrics: (nanos) => `${times('datapoint.time_unix_nano', nanos)} and the same for start_time_unix_nano`,
};

function times(path: string, nanos: bigint): string {
  return `set(${path}, ${path} * ${nanos})`;
}
