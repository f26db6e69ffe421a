/** What a real Loki answers for: every line by its own query API, page by page. */
import { getJson } from './peers.ts';

const pageLines = 1000;

interface Answer {
  readonly data: { readonly result: readonly { readonly values: readonly (readonly [string, string])[] }[] };
}

/** The lines of a selector in the range of time, as often as Loki gives them. */
export async function lokiLines(
  url: string,
  selector: string,
  { start, end }: { readonly start: bigint; readonly end: bigint },
): Promise<string[]> {
  const found: string[] = [];
  for (let from = start; from < end;) {
    const query = new URLSearchParams({
      query: selector,
      start: String(from),
      end: String(end),
      limit: String(pageLines),
      direction: 'forward',
    });
    const { data } = (await getJson(`${url}/loki/api/v1/query_range?${query.toString()}`)) as Answer;
    const page = data.result
      .flatMap(({ values }) => values.map(([time, line]) => ({ time: BigInt(time), line })))
      .toSorted((a, b) => Number(a.time - b.time));
    const last = page.at(-1)?.time;
    if (last === undefined) break;
    if (page.length < pageLines) return [...found, ...page.map(({ line }) => line)];
    if (page[0]?.time === last) throw new Error(`more than ${pageLines} lines have the time ${last}`);
    // The last nanosecond may go on behind the page: it is asked for again.
    found.push(...page.filter(({ time }) => time < last).map(({ line }) => line));
    from = last;
  }
  return found;
}
