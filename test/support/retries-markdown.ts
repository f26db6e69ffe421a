/** `docs/retries.md` as the table of answers says it. */
import {
  lokiAnswers,
  networkAnswers,
  otlpAnswers,
  sdkAnswers,
  statusAnswers,
  type Meaning,
} from '../../src/pipeline/answer-table.ts';

const introduction = `# What an answer means

Written by \`npm run docs\` from the one table that all exporters use (src/pipeline/answer-table.ts).

**Stored** says what the backend has of the request afterwards: all, none, some (the answer says how many items), or
unknown. **Then**:

- *retry*: the request is sent again after a wait that grows from \`initial_interval\` by \`multiplier\` to \`max_interval\`.
  The wait is drawn at random from nothing to twice that (full jitter: \`randomization_factor: 1\`), is at least 100 ms,
  and at least what \`Retry-After\` asks for in seconds or as a date, up to 5 minutes. \`max_elapsed_time\` ends it; by
  default nothing does. Each attempt ends after \`timeout\`. After a failure of the network the next attempt makes a new
  connection and looks the name up again. Where what an attempt stored is unknown and a later one delivers it, the items
  count as delivered, and as possibly there twice.
- *fewer*: half as many requests are under way at the same time after such an answer; one more after every ten that are
  taken.
- *split*: sent again in halves, until it fits.
- *bisect*: sent again in halves, until the item to blame is alone: about two requests for each halving.
- *refuse*: the items are not sent again.
- *stop*: nothing more is sent until a person acts; a resumed run goes on from there.

An item that is refused whole, so that it is known which one it is, goes to the dead-letter file if there is one, and else
counts as refused. After 16 items in a row that were refused alone, with none taken in between, requests are refused whole,
and only now and then another one is taken apart: a backend that refuses everything does not cost a request for each item.
What an answer counts without naming it (\`partial_success\`, Loki's 400) counts as refused, or as uncertain.
\`on_error\` says what becomes of the rest: \`fail\` (the default), \`dead_letter\` or \`drop\`.`;

/** Of what the table of each exporter says nothing, the status decides, and of what has no status the network. */
const sections: readonly (readonly [string, Readonly<Record<string, Meaning>>])[] = [
  ['## Statuses', statusAnswers],
  [
    '## The network\n\nWhere the connection was not even made, nothing is stored, whatever the table says.',
    networkAnswers,
  ],
  ['## otlp_http\n\nLooked at before the status.', otlpAnswers],
  ['## loki\n\nLooked at before the status.', lokiAnswers],
  [
    '## sdk\n\nAn exporter of the SDK that speaks HTTP tells the status; otherwise there is only its error.',
    sdkAnswers,
  ],
];

export function retriesMarkdown(): string {
  const texts = sections.map(([heading, table]) => {
    const rows = Object.values(table).map(row);
    return [heading, ['| answer | stored | then | remedy |', '|---|---|---|---|', ...rows].join('\n')].join(
      '\n\n',
    );
  });
  return `${[introduction, ...texts].join('\n\n')}\n`;
}

function row({ answer, stored, next, attempts, slows, remedy }: Meaning): string {
  const bound = attempts === undefined ? '' : ` (at most ${attempts} attempts, then refuse)`;
  const words = next === 'go on' ? 'taken' : `${next}${bound}${slows === true ? ', fewer' : ''}`;
  return `| ${answer} | ${stored} | ${words} | ${remedy ?? ''} |`;
}
