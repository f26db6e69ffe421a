/** `respool init PATH --to URL`: looks at a recording, and writes a config for it, with a test and the schema for editors. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { components } from '../components.ts';
import { withoutPasswords } from '../config/secret.ts';
import { joinedRange, type TimeRange } from '../model/time-range.ts';
import { signals, type Signal } from '../model/signal.ts';
import { systemClock } from '../pipeline/clock.ts';
import { exitCodes, UsageError } from './exit.ts';
import {
  configText,
  mostTestBytes,
  takenSignals,
  testName,
  testText,
  type Seen,
  type Wanted,
} from './init/recording-config.ts';
import { writeNewFiles } from './init/write-files.ts';
import { examine } from './inspect/examine.ts';
import { backendLimits } from './inspect/statistics.ts';
import { inputsOf } from './recording.ts';
import { configSchema } from './schema/config-schema.ts';
import { itemsText } from './text.ts';
import { visible } from './terminal.ts';

export interface InitFlags {
  readonly to?: string;
  readonly redact?: boolean;
  readonly output: string;
}

export async function initCommand(paths: readonly string[], flags: InitFlags): Promise<number> {
  const wanted = wantedBy(paths, flags);
  const { seen, bytes, isWhole } = await look(paths);
  const taken = takenSignals(seen, wanted);
  if (taken.length === 0) throw new UsageError(nothingFor(seen, wanted));
  const folder = dirname(resolve(flags.output));
  const fromTest = paths.map((path) => (isAbsolute(path) ? path : relative(folder, resolve(path))));
  const schema = join(dirname(flags.output), 'respool.schema.json');
  const test = testName(flags.output);
  await writeNewFiles(
    new Map([
      [flags.output, configText(seen, wanted)],
      [test, testText(seen, wanted, isWhole && bytes <= mostTestBytes ? fromTest : undefined)],
      ...(existsSync(schema)
        ? []
        : [[schema, `${JSON.stringify(await configSchema(), null, 2)}\n`] as const]),
    ]),
  );
  const found = taken.map((signal) => itemsText(signal, seen.items.get(signal) ?? 0));
  console.log(
    visible(`${found.join(' and ')} found; wrote ${flags.output}, ${test} and ${schema}
test it:   respool test ${test}
try it:    respool run ${flags.output} --dry-run
run it:    respool run ${flags.output}`),
  );
  return exitCodes.ok;
}

function wantedBy(paths: readonly string[], { to, redact = false, output }: InitFlags): Wanted {
  if (paths.length === 0)
    throw new UsageError('give a recording, as in `respool init ./traces --to http://localhost:4318`');
  if (to === undefined)
    throw new UsageError(
      'say where it shall go: --to http://localhost:4318 for Tempo, Jaeger or any OTLP backend',
    );
  if (!/^https?:\/\//i.test(to) || !URL.canParse(to))
    throw new UsageError(`${withoutPasswords(to)} is no URL such as http://localhost:4318`);
  if (withoutPasswords(to) !== to)
    throw new UsageError(
      'a password does not belong into a file: write ${env:NAME} in the config for it afterwards',
    );
  if (redact && !components.processors.some(({ type }) => type === 'redact'))
    throw new UsageError('there is no processor `redact` in this version');
  const { port, pathname } = new URL(to);
  return { paths, url: to, redact, output, isLoki: port === '3100' || pathname.startsWith('/loki') };
}

/** What all inputs hold together, and whether all of it could be read. */
async function look(paths: readonly string[]): Promise<{ seen: Seen; bytes: number; isWhole: boolean }> {
  const items = new Map<Signal, number>();
  const services = new Set<string>();
  let range: TimeRange | undefined;
  let bytes = 0;
  let isWhole = true;
  for (const input of await inputsOf(paths)) {
    const { statistics, unreadable, failure } = await examine({
      name: input.name,
      open: async function* () {
        for await (const chunk of input.open()) {
          bytes += chunk.length;
          yield chunk;
        }
      },
    });
    if (unreadable.length > 0 || failure !== undefined) isWhole = false;
    for (const signal of signals) {
      const count = statistics.items.get(signal) ?? 0;
      if (count > 0) items.set(signal, (items.get(signal) ?? 0) + count);
      range = joinedRange(range, statistics.ranges.get(signal));
    }
    for (const service of statistics.services.list(mostServices)) services.add(service);
  }
  const oldest = systemClock.nowUnixNano() - backendLimits.tempoSearchNano;
  const isOld = range !== undefined && range.endUnixNano < oldest;
  return { seen: { items, services: [...services].slice(0, mostServices), range, isOld }, bytes, isWhole };
}

/** So many are named. */
const mostServices = 5;

function nothingFor({ items }: Seen, { isLoki }: Wanted): string {
  if (items.size === 0)
    return 'nothing that can be read was found there: `respool inspect` says what is in the files';
  const found = [...items].map(([signal, count]) => itemsText(signal, count)).join(' and ');
  return isLoki ? `Loki takes log records, and found were ${found}` : `found were ${found}`;
}
