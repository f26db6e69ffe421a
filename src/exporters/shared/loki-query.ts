/** How a person asks Loki for what was delivered: in words, and as a command to paste. */
import { isoTime } from '../../model/time.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { quoted, tenantFlag } from './shell.ts';

export interface LokiQuery {
  /** LogQL. */
  readonly query: string;
  /** The times of the first and the last line. */
  readonly range: TimeRange;
  /** The address without the API's path, fit to print. */
  readonly base: string;
  readonly tenant: string | undefined;
}

/** What Loki answers at most to one query, unless `max_entries_limit_per_query` says otherwise. */
const mostLines = 5000;
const latestTime = 2n ** 63n - 1n;

/** The query with its times, and the command. */
export function lokiQueryLines({ query, range, base, tenant }: LokiQuery): string[] {
  const { startUnixNano: start, endUnixNano: last } = range;
  // Loki leaves out what is at `end` itself.
  const end = last < latestTime ? last + 1n : last;
  const address = quoted(`${base.replace(/\/+$/, '')}/loki/api/v1/query_range`);
  const parameters = `-d start=${start} -d end=${end} -d limit=${mostLines}`;
  return [
    `${query} from ${isoTime(start)} to ${isoTime(end)}`,
    `curl -G ${tenantFlag(tenant)}${address} --data-urlencode ${quoted(`query=${query}`, true)} ${parameters}`,
  ];
}
