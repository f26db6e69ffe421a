/** The requests and files of a test, held against what a test expects of them. */
import type { Path } from '../../config/place.ts';
import { batchOf, type AnyBatch } from '../../model/batches.ts';
import { dataTypeOf } from '../../model/schema.ts';
import { signals } from '../../model/signal.ts';
import { Transcoder } from '../../model/transcode.ts';
import type { ExactValue } from '../../model/value.ts';
import { messageOf } from '../../pipeline/errors.ts';
import { readGroups } from '../../testing/records/read.ts';
import { bytesOf } from '../../wire/bytes.ts';
import { Writer } from '../../wire/writer.ts';
import type { Received } from './backend.ts';
import { compareText } from './checks.ts';
import { compareValue, exactOf, type Comparison, type Mismatch } from './compare.ts';
import { recordingIn } from './inputs.ts';
import { compareGroups } from './outputs.ts';
import type { Expect } from './schema.ts';
import type { Workspace } from './workspace.ts';

export function checkRequests(
  { requests }: Expect,
  raw: Readonly<Record<string, unknown>>,
  received: readonly Received[],
  comparison: Comparison,
): Mismatch[] {
  if (requests === undefined) return [];
  const path: Path = ['expect', 'requests'];
  const mismatches = requests.flatMap((wanted, at) => {
    const found = received[at];
    if (found === undefined) return [];
    const written = (raw['requests'] as Record<string, unknown>[])[at] ?? {};
    return checkRequest(wanted, written, found, { path: [...path, at], comparison });
  });
  if (requests.length === received.length) return mismatches;
  const lines = received.map((request) => `+ ${request.method} ${request.path}`);
  const message = `${requests.length} were expected, and ${received.length} came`;
  return [{ path, message, lines }, ...mismatches];
}

type WantedRequest = NonNullable<Expect['requests']>[number];

function checkRequest(
  wanted: WantedRequest,
  written: Record<string, unknown>,
  found: Received,
  { path, comparison }: { path: Path; comparison: Comparison },
): Mismatch[] {
  const mismatches: Mismatch[] = [];
  if (wanted.path !== undefined) mismatches.push(...compareValue(wanted.path, found.path, [...path, 'path']));
  for (const [name, value] of Object.entries(wanted.headers ?? {}))
    mismatches.push(
      ...compareValue(value, found.headers.get(name.toLowerCase()) ?? null, [...path, 'headers', name]),
    );
  try {
    if ('body' in written)
      mismatches.push(...compareValue(written['body'], exactJson(found.body.toString()), [...path, 'body']));
    if ('records' in written) {
      const groups = readGroups(batchIn(found), comparison.base);
      mismatches.push(...compareGroups(written['records'], groups, [...path, 'records'], comparison));
    }
  } catch (error) {
    mismatches.push({ path, message: `its body cannot be read: ${messageOf(error)}`, lines: [] });
  }
  return mismatches;
}

/** JSON with integers as int64, as YAML has them. */
function exactJson(text: string): ExactValue {
  return withIntegers(exactOf(JSON.parse(text)));
}

function withIntegers(value: ExactValue): ExactValue {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map(withIntegers);
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, withIntegers(each)]));
  return value;
}

/** The batch in a request of OTLP, by its path and its type. */
function batchIn({ path, headers, body }: Received): AnyBatch {
  const signal = signals.find((known) => path.endsWith(`/v1/${known}`));
  if (signal === undefined) throw new Error(`${path} is no address of OTLP`);
  if (headers.get('content-type')?.includes('json') !== true) return batchOf(signal, body);
  const writer = new Writer();
  const text = bytesOf(body);
  new Transcoder().message(text, 0, text.length, dataTypeOf(signal), writer);
  return batchOf(signal, Buffer.from(writer.bytes()));
}

export async function checkFiles(
  { files }: Expect,
  raw: Readonly<Record<string, unknown>>,
  workspace: Workspace | undefined,
  comparison: Comparison,
): Promise<Mismatch[]> {
  const mismatches: Mismatch[] = [];
  for (const [name, wanted] of Object.entries(files ?? {})) {
    const path = ['expect', 'files', name];
    const text = await workspace?.read(name);
    if (text === undefined) mismatches.push({ path, message: 'was not written', lines: [] });
    else if (typeof wanted === 'string') mismatches.push(...compareText(wanted, text, path));
    else if (workspace !== undefined) {
      const groups = (await recordingIn(workspace.pathOf(name))).flatMap((batch) =>
        readGroups(batch, comparison.base),
      );
      const written = (raw['files'] as Record<string, unknown>)[name];
      mismatches.push(...compareGroups(written, groups, path, comparison));
    }
  }
  return mismatches;
}
