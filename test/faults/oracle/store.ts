/** What a test backend really keeps, and how that compares with what was recorded. */
import { expect } from '../expect.ts';
import type { StoredRecord } from './records.ts';

export class Store {
  /** Each record by its id, as it came first. */
  readonly first = new Map<string, StoredRecord>();
  /** All that was stored, copies included. */
  total = 0;
  /** Stored in a request whose answer said so. */
  acknowledged = 0;
  /** Copies that are not, byte for byte, what came first. */
  readonly altered: string[] = [];
  /** Which run of the command sends now; a row that resumes counts it up. */
  run = 1;
  /** Bytes of the copies of what an earlier run had brought, by the run that brought them again. */
  readonly repeated = new Map<number, number>();
  private readonly lastRun = new Map<string, number>();

  add(records: readonly StoredRecord[]): void {
    for (const record of records) {
      this.total++;
      const before = this.first.get(record.id);
      if (before === undefined) this.first.set(record.id, record);
      else if (before.content !== record.content || before.hash !== record.hash) this.altered.push(record.id);
      const last = this.lastRun.get(record.id);
      if (last !== undefined && last !== this.run)
        this.repeated.set(this.run, (this.repeated.get(this.run) ?? 0) + record.size);
      this.lastRun.set(record.id, this.run);
    }
  }

  get distinct(): number {
    return this.first.size;
  }

  get duplicates(): number {
    return this.total - this.distinct;
  }

  /** Fails unless what is stored is what was issued: nothing missing, nothing else, nothing changed. */
  holds(issued: ReadonlyMap<string, string>, except: ReadonlySet<string> = new Set()): void {
    const missing = [...issued.keys()].filter((id) => !this.first.has(id) && !except.has(id));
    expect(
      missing.length === 0,
      `${missing.length} of ${issued.size} records are not in the backend: ${some(missing)}`,
    );
    const foreign = [...this.first.keys()].filter((id) => !issued.has(id) || except.has(id));
    expect(
      foreign.length === 0,
      `${foreign.length} records in the backend should not be there: ${some(foreign)}`,
    );
    for (const [id, record] of this.first) {
      const wanted = issued.get(id);
      expect(
        record.content === wanted,
        `record ${id} changed:\n  issued ${wanted ?? ''}\n  stored ${record.content}`,
      );
    }
    expect(this.altered.length === 0, `copies differ from their originals: ${some(this.altered)}`);
  }
}

function some(ids: readonly string[]): string {
  return `${ids.slice(0, 3).join(', ')}${ids.length > 3 ? ', ...' : ''}`;
}
