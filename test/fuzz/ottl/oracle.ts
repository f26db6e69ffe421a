/** The Collector's own code, built from oracle/main.go with the versions of its modules pinned, and asked in batches. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { batchOf } from '../../../src/model/batches.ts';
import type { Signal } from '../../../src/model/signal.ts';
import { plainOf } from '../../conformance/corpus.ts';
import type { FuzzCase, Outcome } from './case.ts';
import { signalOf } from './contexts.ts';
import { encodeRecord } from './records.ts';
import { textOfTerm } from './term.ts';

const version = 'v0.159.0';
const rootModule = 'github.com/open-telemetry/opentelemetry-collector-contrib/processor/transformprocessor';
const source = join(import.meta.dirname, 'oracle/main.go');

/** The program, built when it is not there yet; undefined without Go. */
export function oracleProgram(): string | undefined {
  const peers = process.env['RESPOOL_PEERS'] ?? join(homedir(), '.cache/respool-peers');
  const hash = createHash('sha256').update(version).update(readFileSync(source)).digest('hex').slice(0, 12);
  const program = join(peers, 'tools', `ottl-oracle-${hash}`);
  if (existsSync(program)) return program;
  if (!hasGo()) return undefined;
  console.log(`building the Collector's OTTL ${version} with Go, which takes minutes the first time`);
  mkdirSync(join(peers, 'tools'), { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'respool-oracle-'));
  try {
    build(folder);
    copyFileSync(join(folder, 'oracle'), `${program}.new`);
    renameSync(`${program}.new`, program);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return program;
}

function hasGo(): boolean {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A module that requires the pinned one and starts from its go.sum, so that every hash is one it was released with. */
function build(folder: string): void {
  const proxy = execFileSync('go', ['env', 'GOPROXY'], { encoding: 'utf8' })
    .trim()
    .replace(/,direct$/, '');
  const env = { ...process.env, GOPROXY: proxy, GOWORK: 'off', GO111MODULE: 'on', CGO_ENABLED: '0' };
  const options = { cwd: folder, env, encoding: 'utf8' } as const;
  const required = `module example.com/oracle\n\ngo 1.26.0\n\nrequire ${rootModule} ${version}\n`;
  writeFileSync(join(folder, 'go.mod'), required);
  copyFileSync(source, join(folder, 'main.go'));
  const download = execFileSync('go', ['mod', 'download', '-json', `${rootModule}@${version}`], options);
  const { Dir } = JSON.parse(download) as { Dir: string };
  copyFileSync(join(Dir, 'go.sum'), join(folder, 'go.sum'));
  chmodSync(join(folder, 'go.sum'), 0o644);
  const flags = ['-mod=mod', '-p', '2', '-trimpath', '-ldflags', '-s -w', '-o', 'oracle', '.'];
  execFileSync('nice', ['-n', '5', 'go', 'build', ...flags], {
    ...options,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

/** An answer of the Go code; `panicked` if it crashed, where any error of ours will do. */
export interface Answer {
  readonly outcome: Outcome;
  readonly panicked: boolean;
  /** Whether it took more time or memory than it is given, so that there is no answer. */
  readonly ended?: true;
}

interface RawAnswer {
  readonly refused?: string;
  readonly failed?: string;
  readonly value?: unknown;
  readonly outcomes?: readonly string[];
  readonly record?: string;
  readonly panic?: true;
  readonly broken?: string;
}

export class Oracle {
  readonly #program: string;
  #process: Process | undefined;

  constructor(program: string) {
    this.#program = program;
  }

  /** `isFresh`: nothing is remembered of earlier questions. A case at which the program ends (it guards its memory and time) has no answer. */
  async ask(cases: readonly FuzzCase[], isFresh = false): Promise<Answer[]> {
    if (cases.length === 0) return [];
    this.#process ??= new Process(this.#program);
    const answers = await this.#process.ask(cases, isFresh);
    if (typeof answers === 'object') return answers;
    this.#process = undefined;
    const ended: Answer = { outcome: { failed: 'the Go program ended' }, panicked: true, ended: true };
    if (cases.length === 1) return [ended];
    if (answers !== undefined)
      return [
        ...(await this.ask(cases.slice(0, answers), isFresh)),
        ended,
        ...(await this.ask(cases.slice(answers + 1), isFresh)),
      ];
    const half = cases.length >> 1;
    return [
      ...(await this.ask(cases.slice(0, half), isFresh)),
      ...(await this.ask(cases.slice(half), isFresh)),
    ];
  }

  close(): void {
    this.#process?.close();
  }
}

class Process {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor(program: string) {
    const env = { ...process.env, TZ: 'UTC', GOMAXPROCS: '2' };
    this.#child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'], env });
    // That it ended shows at its output.
    this.#child.stdin.on('error', () => {});
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** When the program ended instead: the case at which it did, undefined if it did not say. */
  async ask(cases: readonly FuzzCase[], isFresh: boolean): Promise<Answer[] | number | undefined> {
    const asked = cases.map(({ context, kind, gates, terms, record }) => ({
      context,
      kind,
      gates,
      texts: terms.map(textOfTerm),
      record: encodeRecord(record).toString('base64'),
      fresh: isFresh,
    }));
    this.#child.stdin.write(`${JSON.stringify({ cases: asked })}\n`);
    const next = await this.#answers.next();
    if (next.done === true) return undefined;
    const { results, ended } = JSON.parse(next.value) as { results?: RawAnswer[]; ended?: number };
    if (results === undefined) return ended;
    return results.map((raw, index) => ({
      outcome: outcomeOf(raw, signalOf(cases[index]?.context ?? 'span')),
      panicked: raw.panic === true,
    }));
  }

  close(): void {
    this.#child.stdin.end();
  }
}

function outcomeOf(raw: RawAnswer, signal: Signal): Outcome {
  if (raw.broken !== undefined) throw new Error(`the Go program could not run a case: ${raw.broken}`);
  if (raw.refused !== undefined) return { refused: raw.refused };
  if (raw.failed !== undefined) return { failed: raw.failed };
  if (raw.outcomes === undefined) return { value: lossy(raw.value) };
  const bytes = Buffer.from(raw.record ?? '', 'base64');
  return { outcomes: raw.outcomes, record: plainOf(batchOf(signal, bytes)) };
}

/** Go's texts may hold any bytes; here what is no UTF-8 is U+FFFD, as where the records are decoded. */
function lossy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lossy);
  if (typeof value !== 'object' || value === null) return value;
  const { type, base64 } = value as { type?: unknown; base64?: unknown };
  if (type === 'string' && typeof base64 === 'string')
    return { type, value: Buffer.from(base64, 'base64').toString() };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, lossy(item)]));
}
