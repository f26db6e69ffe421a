/** What must hold beside the Collector, and whether it does. */

export interface Check {
  readonly what: string;
  readonly found: string;
  readonly wanted: string;
  readonly holds: boolean;
}

/** Times the Collector's MB/s with the default number of workers, on inputs where starting is a small part. */
const speed: Readonly<Record<string, number>> = {
  passthrough: 2.5,
  edit: 2.2,
  logs: 2.2,
  transform: 2.2,
  'edit-gzip': 1.6,
};

/** The same where it is a large part. */
const speedOfSmall = 1.5;
const smallMegabytes = 50;

/** Times the Collector's MB per CPU second, with one worker. */
const thrift: Readonly<Record<string, number>> = { passthrough: 2, edit: 1.7, transform: 1.7 };

/** Times the Collector's peak memory, at most. */
const memory = { one: 0.7, auto: 1 };

const mostFirstItemSeconds = 0.3;

/** One row of compare.mjs: medians of the runs. */
export interface Row {
  readonly subject: string;
  readonly megabytesPerSecond: number;
  readonly slowest: number;
  readonly fastest: number;
  readonly megabytesPerCpuSecond: number;
  readonly peakMiB: number;
  readonly firstItemSeconds: number;
  readonly items: number;
}

export interface Comparison {
  readonly config: string;
  readonly megabytes: number;
  readonly collector: Row;
  /** With the number of workers that it takes by itself. */
  readonly auto: Row;
  /** With one worker, where the command knows the key. */
  readonly one: Row | undefined;
}

export function atLeast(what: string, found: number, wanted: number, unit = 'x'): Check {
  return {
    what,
    found: `${shown(found)} ${unit}`,
    wanted: `>= ${shown(wanted)} ${unit}`,
    holds: found >= wanted,
  };
}

export function atMost(what: string, found: number, wanted: number, unit = 'x'): Check {
  return {
    what,
    found: `${shown(found)} ${unit}`,
    wanted: `<= ${shown(wanted)} ${unit}`,
    holds: found <= wanted,
  };
}

export function checksOf({ config, megabytes, collector, auto, one }: Comparison): Check[] {
  const name = `${config}, ${megabytes} MB`;
  const isSmall = megabytes <= smallMegabytes;
  const floor = isSmall ? speedOfSmall : (speed[config] ?? 1);
  const checks = [atLeast(`${name}: MB/s`, auto.megabytesPerSecond / collector.megabytesPerSecond, floor)];
  checks.push(atMost(`${name}: first item`, auto.firstItemSeconds, mostFirstItemSeconds, 's'));
  checks.push(
    atMost(
      `${name}: first item beside the Collector's`,
      auto.firstItemSeconds,
      collector.firstItemSeconds,
      's',
    ),
  );
  if (isSmall) return checks;
  checks.push(atMost(`${name}: peak memory`, auto.peakMiB / collector.peakMiB, memory.auto));
  if (one === undefined) return checks;
  checks.push(atMost(`${name}: peak memory, one worker`, one.peakMiB / collector.peakMiB, memory.one));
  const cpu = thrift[config];
  const ratio = one.megabytesPerCpuSecond / collector.megabytesPerCpuSecond;
  if (cpu !== undefined) checks.push(atLeast(`${name}: MB per CPU second, one worker`, ratio, cpu));
  return checks;
}

export function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
