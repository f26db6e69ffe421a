/** Where a person finds what was delivered. */
import { lokiQueryLines } from '../shared/loki-query.ts';
import { selector } from './labels.ts';
import type { StreamPart } from './push-codec.ts';

const mostQueries = 3;

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

  /** For each service a query in words and the command that asks it; `base` is fit to print. */
  queries(base: string, tenant: string | undefined): string[] {
    const lines: string[] = [];
    const shown = this.ranges.size > mostQueries + 1 ? mostQueries : this.ranges.size;
    for (const [service, { first, last }] of [...this.ranges].slice(0, shown)) {
      const query = selector(new Map([['service_name', service]]));
      const range = { startUnixNano: first, endUnixNano: last };
      lines.push(...lokiQueryLines({ query, range, base, tenant }));
    }
    if (shown < this.ranges.size) lines.push(`and ${this.ranges.size - shown} more services`);
    return lines;
  }
}
