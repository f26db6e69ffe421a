/** The config and the test that `respool init PATH --to URL` writes, from what it saw in the recording. */
import { isoTime } from '../../model/time.ts';
import { signals, type Signal } from '../../model/signal.ts';
import { itemsText } from '../text.ts';

/** What was seen. */
export interface Seen {
  readonly items: ReadonlyMap<Signal, number>;
  readonly services: readonly string[];
  /** The earliest and the latest time, if there is any. */
  readonly range: { readonly startUnixNano: bigint; readonly endUnixNano: bigint } | undefined;
  /** Whether backends would refuse or hide it for its age. */
  readonly isOld: boolean;
}

export interface Wanted {
  readonly paths: readonly string[];
  readonly url: string;
  readonly isLoki: boolean;
  readonly redact: boolean;
  /** The file name of the config. */
  readonly output: string;
}

/** The signals that a pipeline is made for. */
export function takenSignals({ items }: Seen, { isLoki }: Wanted): Signal[] {
  const having = signals.filter((signal) => (items.get(signal) ?? 0) > 0);
  return isLoki ? having.filter((signal) => signal === 'logs') : having;
}

export function configText(seen: Seen, wanted: Wanted): string {
  const processors = processorsOf(seen, wanted);
  const exporter = wanted.isLoki ? 'loki' : 'otlp_http';
  const ids = processors.map(({ id }) => id).join(', ');
  const pipelines = takenSignals(seen, wanted).map(
    (signal) =>
      `    ${signal}: {receivers: [file], ${ids === '' ? '' : `processors: [${ids}], `}exporters: [${exporter}]}`,
  );
  const sections = [
    `receivers:\n  file:\n    include: [${wanted.paths.map(yamlText).join(', ')}]`,
    ...(processors.length === 0 ? [] : [`processors:\n${processors.map(({ text }) => text).join('\n')}`]),
    `exporters:\n  ${exporter}:\n    endpoint: ${yamlText(wanted.url)}`,
    `service:\n  pipelines:\n${pipelines.join('\n')}`,
  ];
  return `${schemaLine}\n${comments(seen)
    .map((line) => `# ${line}`)
    .join('\n')}\n${sections.join('\n\n')}\n`;
}

const schemaLine = '# yaml-language-server: $schema=./respool.schema.json';

function comments({ items, services, range }: Seen): string[] {
  const counts = [...items].map(([signal, count]) => itemsText(signal, count));
  const times =
    range === undefined ? '' : `, from ${isoTime(range.startUnixNano)} to ${isoTime(range.endUnixNano)}`;
  const from = services.length === 0 ? '' : ` of ${services.map(onOneLine).join(', ')}`;
  return [`The recording holds ${counts.join(' and ')}${from}${times}.`];
}

function processorsOf({ isOld }: Seen, { redact }: Wanted): { id: string; text: string }[] {
  const processors: { id: string; text: string }[] = [];
  if (redact)
    processors.push({
      id: 'redact',
      text: '  # Credentials and personal data become ***; `respool components redact` says what is looked for.\n  redact:',
    });
  if (isOld)
    processors.push({
      id: 'time_shift',
      text: '  # Backends hide or refuse what is this old: all times move together, so that it ends now.\n  time_shift: {align: end_to_now}',
    });
  return processors;
}

/** So many bytes of input a test may read each time it runs. */
export const mostTestBytes = 4 * 1024 * 1024;

/** `recording` are paths from the test to the recording, when it is small enough. */
export function testText(seen: Seen, wanted: Wanted, recording: readonly string[] | undefined): string {
  const tests = [
    ...(recording === undefined ? [] : [recordingTest(seen, wanted, recording)]),
    ...(wanted.redact ? [redactTest(seen, wanted)] : []),
  ];
  if (tests.length === 0) tests.push(sampleTest(seen, wanted));
  return `${schemaLine}\n# What ${wanted.output} does: respool test ${testName(wanted.output)}\nconfig: ${yamlText(baseName(wanted.output))}\n\ntests:\n${tests.join('\n')}`;
}

export function testName(output: string): string {
  return `${output.replace(/\.ya?ml$/, '')}.test.yaml`;
}

const countKeys: Readonly<Record<Signal, string>> = { traces: 'spans', logs: 'logs', metrics: 'data_points' };

function recordingTest(seen: Seen, wanted: Wanted, paths: readonly string[]): string {
  const counts = takenSignals(seen, wanted).map(
    (signal) => `${countKeys[signal]}: ${seen.items.get(signal) ?? 0}`,
  );
  const files = paths.map((path) => `      - file: ${yamlText(path)}\n`).join('');
  return `  - name: the whole recording goes through\n    input:\n${files}    expect:\n      counts: {${counts.join(', ')}}\n`;
}

function redactTest(seen: Seen, wanted: Wanted): string {
  const isTraces = takenSignals(seen, wanted).includes('traces');
  const record = isTraces
    ? 'spans: [{name: GET /, attributes: {http.request.header.authorization: Bearer abcdef, user: ada@example.com}}]'
    : 'logs: [{body: "ada@example.com signed in"}]';
  const conditions = isTraces
    ? [
        'IsMatch(span.attributes["http.request.header.authorization"], "abcdef")',
        'IsMatch(span.attributes["user"], "ada@")',
      ]
    : ['IsMatch(log.body, "ada@")'];
  const none = conditions.map((condition) => `        - ${condition}\n`).join('');
  return `  - name: no secret leaves this machine\n    input:\n      ${record}\n    expect:\n      none:\n${none}      counts: {${isTraces ? 'spans' : 'logs'}: 1}\n`;
}

function sampleTest(seen: Seen, wanted: Wanted): string {
  const [signal = 'traces'] = takenSignals(seen, wanted);
  const records = {
    traces: 'spans: [{name: GET /, children: [{name: query}]}]',
    logs: 'logs: [{body: hello}]',
    metrics: 'metrics: [{name: requests, points: [{value: 1}]}]',
  };
  return `  - name: a record goes through\n    input:\n      ${records[signal]}\n    expect:\n      output:\n        ${records[signal]}\n`;
}

/** A text in YAML that is taken as it is: `$` would begin a reference. */
function yamlText(text: string): string {
  const literal = text.replaceAll('$', '$$$$');
  return /^[\w./:-]+$/.test(literal) && /[a-zA-Z]/.test(literal) ? literal : JSON.stringify(literal);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What data says, in a comment. */
function onOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ').slice(0, 60);
}
