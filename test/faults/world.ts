/** What a row gets to work with: a folder, backends that are oracles, and the real command. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LokiBackend } from './oracle/loki.ts';
import { OtlpBackend } from './oracle/otlp.ts';
import type { ServerOptions } from './oracle/server.ts';
import type { Store } from './oracle/store.ts';
import { startRespool, type Ended, type ProcessOptions, type Report, type Running } from './process.ts';
import { expect } from './expect.ts';

/** The config of a run, as YAML would give it. */
export type Config = Readonly<Record<string, unknown>>;

export type RunSettings = Omit<ProcessOptions, 'cwd'>;

export class World {
  /** Whether faults are to have their real size, however long that takes. */
  readonly isLarge: boolean;
  readonly folder = mkdtempSync(join(tmpdir(), 'respool-fault-'));
  private readonly backends: (OtlpBackend | LokiBackend)[] = [];
  private readonly running = new Set<Running>();
  /** The runs whose ledgers count; one that resumes another counts for both. */
  private counted: Ended[] = [];
  /** Records that a killed run delivered after its last checkpoint, and that the runs after it do not read again. */
  uncounted = 0;

  constructor(isLarge = false) {
    this.isLarge = isLarge;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: string | Buffer): string {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
    return this.path(name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  async otlp(options: ServerOptions = {}): Promise<OtlpBackend> {
    const backend = await OtlpBackend.start(options);
    this.backends.push(backend);
    return backend;
  }

  async loki(): Promise<LokiBackend> {
    const backend = await LokiBackend.start();
    this.backends.push(backend);
    return backend;
  }

  /** Runs a config to its end. The ledger that it prints has to balance. */
  async run(config: Config, flags: readonly string[] = [], settings: RunSettings = {}): Promise<Ended> {
    return await this.start(config, flags, settings).ended;
  }

  start(config: Config, flags: readonly string[] = [], settings: RunSettings = {}): Running {
    this.write('pipeline.yaml', JSON.stringify(config, null, 1));
    return this.command(['run', '-c', 'pipeline.yaml', ...flags], settings);
  }

  command(args: readonly string[], settings: RunSettings = {}): Running {
    const running = startRespool(args, { ...settings, cwd: this.folder });
    this.running.add(running);
    const ended = running.ended.then((end) => {
      this.running.delete(running);
      this.note(end);
      return end;
    });
    ended.catch(() => {}); // a row that does not wait for the end does not ask either
    return { ...running, ended };
  }

  /** Ends what still runs, and removes the folder. */
  async close(): Promise<void> {
    for (const { child, ended } of this.running) {
      child.kill('SIGKILL');
      await ended;
    }
    for (const backend of this.backends) await backend.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Every ledger that was printed says what the backends hold. */
  checkLedgers(): void {
    for (const backend of this.backends) {
      if (backend instanceof LokiBackend) this.checkStore(backend.url, 'logs', backend.store);
      else {
        const url = backend.alias ?? backend.url;
        this.checkStore(url, 'traces', backend.stores.traces);
        this.checkStore(url, 'logs', backend.stores.logs);
      }
    }
  }

  private note(end: Ended): void {
    const { report, stderr, args } = end;
    if (report === undefined) return;
    expect(report.balanced, `the ledger does not balance: ${report.imbalances.join('; ')}`);
    const isSilent = /Nothing was read|Stopped: /u.test(stderr);
    expect(isSilent || stderr.includes('The ledger balances: '), `no balance is printed:\n${stderr}`);
    if (args.includes('--resume'))
      this.counted = this.counted.filter((before) => stateOf(before) !== stateOf(end));
    this.counted.push(end);
  }

  private checkStore(url: string, signal: 'traces' | 'logs', store: Store): void {
    const reports = this.counted.flatMap(({ report }) => (report === undefined ? [] : [report]));
    const { delivered, uncertain } = sumOf(reports, url, signal);
    const isResumed = this.counted.some(({ args }) => args.includes('--resume'));
    const kept = isResumed ? store.distinct : store.acknowledged;
    expect(
      kept >= delivered && kept <= delivered + uncertain + this.uncounted,
      `the ledger says ${delivered} delivered and ${uncertain} uncertain ${signal}, ${url} has ${kept}`,
    );
    const printed = this.counted.reduce((sum, { stderr }) => sum + printedCount(stderr, url, signal), 0);
    expect(printed === delivered, `printed: ${printed} ${signal} delivered to ${url}; report: ${delivered}`);
  }
}

/** Where a run keeps its checkpoint. */
function stateOf({ args }: Ended): string | undefined {
  return args[args.indexOf('--state') + 1];
}

function sumOf(
  reports: readonly Report[],
  url: string,
  signal: string,
): { delivered: number; uncertain: number } {
  const mine = reports
    .flatMap(({ exporters }) => exporters)
    .filter((exporter) => exporter.target.startsWith(url) && exporter.signal === signal);
  return {
    delivered: mine.reduce((sum, { delivered }) => sum + delivered, 0),
    uncertain: mine.reduce((sum, exporter) => sum + exporter.uncertain, 0),
  };
}

const nouns = { traces: 'spans?', logs: 'log records?' };

/** How many items the summary on the terminal says were delivered there. */
function printedCount(stderr: string, url: string, signal: 'traces' | 'logs'): number {
  const escaped = url.replaceAll(/[.?/]/g, String.raw`\$&`);
  const line = new RegExp(`-> ${escaped}\\S*\\s+delivered ([\\d ]+) ${nouns[signal]}\\b`, 'gu');
  return [...stderr.matchAll(line)].reduce(
    (sum, [, count = '']) => sum + Number(count.replaceAll(' ', '')),
    0,
  );
}
