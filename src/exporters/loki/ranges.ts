/** Where a person finds what was delivered. */
import { isoTime } from '../../model/time.ts';
import { selector } from './labels.ts';
import type { StreamPart } from './push-codec.ts';

const mostQueries = 5;

/** When the delivered lines of each service were: the time ranges to query. */
export class Ranges {
  private readonly ranges = new Map<string, { first: bigint; last: bigint }>();

  add(parts: readonly StreamPart[]): void {
    for (const { stream, entries } of parts) {
      const first = entries[0]?.timeUnixNano ?? 0n;
      const last = entries.at(-1)?.timeUnixNano ?? 0n;
      const service = stream.labels.get('service_name') ?? '';
      const known = this.ranges.get(service);
      if (known === undefined && this.ranges.size > 1000) continue;
      if (known === undefined) this.ranges.set(service, { first, last });
      else {
        if (first < known.first) known.first = first;
        if (last > known.last) known.last = last;
      }
    }
  }

  queries(base: string): string[] {
    const lines: string[] = [];
    for (const [service, { first, last }] of this.ranges) {
      if (lines.length === mostQueries && this.ranges.size > mostQueries + 1) {
        lines.push(`and ${this.ranges.size - mostQueries} more services`);
        break;
      }
      lines.push(
        `${selector(new Map([['service_name', service]]))} from ${isoTime(first)} to ${isoTime(last)} in ${base}`,
      );
    }
    return lines;
  }
}
