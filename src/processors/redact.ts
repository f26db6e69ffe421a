/**
 * Replaces credentials and personal data wherever they are: in attributes of resources, scopes, spans, events, links, log
 * records, metrics, data points and exemplars, in bodies, in names of spans and events, in status messages, in descriptions
 * of metrics, in the query strings of URLs. Trace states stay: samplers read them.
 *
 * For a recording that somebody else made, whose attributes nobody can list beforehand; `redaction` is the Collector's
 * processor for those who can. It belongs right behind the receiver, before anything that copies. It drops no item and
 * delays nothing, and its time grows with the length of a text, whatever the text is. Presets know shapes and names, so a
 * secret that looks like a word, under a name that says nothing, stays: add its key under `keys`.
 *
 * With a `key`, the same secret becomes the same pseudonym everywhere and in every run (`email_3f9c...`), so that spans of
 * one user still belong together; without the key nobody can try out what it was. Without `key`, everything becomes `***`.
 * The summary and the report say what was found where and how often, and never what it was.
 *
 * ```yaml
 * processors:
 *   redact:
 *     presets: [auth, cookies, jwt, emails, cards, cloud_keys]
 *     keys: ['^enduser\.', '^customer\.name$']
 *     patterns: ['\bINV-[0-9]{6}\b']
 * ```
 */
import { z } from 'zod';
import { regex, secret } from '../config/fields.ts';
import type { Attributes } from '../model/attributes.ts';
import type { AnyBatch } from '../model/batches.ts';
import { LogRecord } from '../model/logs.ts';
import type { Metric } from '../model/metrics.ts';
import { compileRegex } from '../model/regex.ts';
import { Span } from '../model/traces.ts';
import type { CheckedProblem, ProcessorContext, ProcessorFactory } from '../pipeline/component.ts';
import { addEdits, type FlowCounts } from '../pipeline/counts.ts';
import { messageOf } from '../pipeline/errors.ts';
import { eachItem } from '../pipeline/item-processor.ts';
import { masking, pseudonyms } from './redact/pseudonym.ts';
import { freeKey, presets, Redactor, type Rules } from './redact/redactor.ts';
import { groupsIn, itemsIn, scopeGroupsIn, type AnyItem } from './shared/groups.ts';

const regexList = z.array(regex()).default([]);

const schema = z.strictObject({
  presets: z
    .array(z.enum(presets))
    .default([...presets])
    .describe(
      'What to look for. `auth`: values of keys such as authorization, password, api_key and token, and in texts what follows Bearer, such a name, or stands before the @ of a URL. `cookies`: the values in cookie headers. `jwt`: JSON web tokens. `emails`: e-mail addresses. `cards`: numbers of payment cards, with their check digit. `cloud_keys`: tokens that are known by how they begin, and private keys.',
    ),
  key: secret()
    .optional()
    .describe(
      'Makes pseudonyms instead of masks, by HMAC-SHA-256 with this key: 16 bytes or more, the same in all runs whose results are to be compared.',
    ),
  mask: z.string().default('***').describe('What everything becomes without a `key`.'),
  keys: regexList.describe(
    'RE2 regular expressions of attribute keys, and of keys in maps, whose whole value is replaced.',
  ),
  patterns: z
    .array(
      z.union([
        regex(),
        z.strictObject({
          name: z.string().min(1).describe('What the summary calls it.'),
          pattern: regex().describe('The regular expression.'),
        }),
      ]),
    )
    .default([])
    .describe(
      'RE2 regular expressions of what else to replace in texts; with a group, only what the first one matched.',
    ),
  ignored_keys: regexList.describe('RE2 regular expressions of keys whose values stay as they are.'),
});

type Config = z.output<typeof schema>;

export const redact: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'redact',
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Replaces credentials and personal data by masks or by pseudonyms that keep joins.',
  schema,
  stateless: true,
  check: (config) => [...keyProblems(config), ...regexProblems(config), ...nothingProblems(config)],
  create(config, { counts }: ProcessorContext) {
    const walk = new Walk(new Redactor(rulesOf(config)), counts.flow);
    return eachItem({ batch: (batch) => walk.batch(batch) });
  },
};

function rulesOf({ presets: on, key, mask, keys, patterns, ignored_keys: ignored }: Config): Rules {
  const compiled = (list: readonly string[]) => list.map((pattern) => compileRegex(pattern));
  return {
    presets: new Set(on),
    keys: compiled(keys),
    ignored: compiled(ignored),
    patterns: patterns.map((one, at) => {
      const named = typeof one === 'string' ? { name: `pattern ${at + 1}`, pattern: one } : one;
      return { name: named.name, regex: compileRegex(named.pattern, { bounded: true }) };
    }),
    replace: key === undefined ? masking(mask) : pseudonyms(key.reveal()),
  };
}

/** Goes through a batch, and counts what was replaced, by what it was and where. */
class Walk {
  private readonly redactor: Redactor;
  private readonly flow: FlowCounts;

  constructor(redactor: Redactor, flow: FlowCounts) {
    this.redactor = redactor;
    this.flow = flow;
  }

  batch(batch: AnyBatch): void {
    for (const group of groupsIn(batch)) {
      this.attributes('resource', group.resource.attributes);
      for (const scopes of scopeGroupsIn(group)) {
        this.attributes('scope', scopes.scope.attributes);
        for (const item of itemsIn(scopes)) this.item(item);
      }
    }
  }

  private item(item: AnyItem): void {
    if (item instanceof Span) this.span(item);
    else if (item instanceof LogRecord) this.log(item);
    else this.metric(item);
  }

  private span(span: Span): void {
    const { status } = span;
    const name = this.text('span name', span.name);
    if (name !== span.name) span.name = name;
    this.attributes('span', span.attributes);
    if (status.message !== '') {
      const message = this.text('status message', status.message);
      if (message !== status.message) status.message = message;
    }
    for (const event of span.events) {
      const eventName = this.text('event name', event.name);
      if (eventName !== event.name) event.name = eventName;
      this.attributes('event', event.attributes);
    }
    for (const link of span.links) this.attributes('link', link.attributes);
  }

  private log(log: LogRecord): void {
    this.attributes('log', log.attributes);
    const eventName = this.text('event name', log.eventName);
    if (eventName !== log.eventName) log.eventName = eventName;
    const before = log.bodyExact;
    const after = this.redactor.value(before, (kind) => this.tell(kind, 'log body'));
    if (after !== before) log.bodyExact = after;
  }

  private metric(metric: Metric): void {
    const description = this.text('metric description', metric.description);
    if (description !== metric.description) metric.description = description;
    this.attributes('metric', metric.metadata);
    for (const point of metric.dataPoints()) {
      this.attributes('data point', point.attributes);
      for (const exemplar of point.exemplars) this.attributes('exemplar', exemplar.filteredAttributes);
    }
  }

  private text(place: string, text: string): string {
    return this.redactor.text(text, (kind) => this.tell(kind, place));
  }

  private attributes(owner: string, attributes: Attributes): void {
    const renamed: [from: string, to: string][] = [];
    attributes.update((value, key) => {
      const shown = this.redactor.text(key, (kind) => this.tell(kind, `${owner} attribute keys`));
      if (shown !== key) renamed.push([key, shown]);
      return this.redactor.valueOf(key, value, (kind) => this.tell(kind, placeOf(owner, shown)));
    });
    for (const [from, to] of renamed) attributes.rename(from, freeKey(to, attributes));
  }

  private tell(kind: string, place: string): void {
    addEdits(this.flow, `replaced ${kind} in ${place}`, 1);
  }
}

const longestKey = 80;

function placeOf(owner: string, key: string): string {
  return `${owner} attribute ${key.length > longestKey ? `${key.slice(0, longestKey)}…` : key}`;
}

const shortestKey = 16;

function keyProblems({ key }: Config): CheckedProblem[] {
  const bytes = Buffer.byteLength(key?.reveal() ?? '');
  if (key === undefined || bytes >= shortestKey) return [];
  const message = `must have at least ${shortestKey} bytes, and has ${bytes}: a short key can be tried out`;
  return [{ severity: 'error', path: ['key'], message, remedy: 'make one with `openssl rand -hex 32`' }];
}

function regexProblems({ keys, ignored_keys, patterns }: Config): CheckedProblem[] {
  const lists = [
    ...keys.map((text, at) => ({ text, path: ['keys', at] })),
    ...ignored_keys.map((text, at) => ({ text, path: ['ignored_keys', at] })),
    ...patterns.map((one, at) =>
      typeof one === 'string'
        ? { text: one, path: ['patterns', at] }
        : { text: one.pattern, path: ['patterns', at, 'pattern'] },
    ),
  ];
  return lists.flatMap(({ text, path }): CheckedProblem[] => {
    try {
      compileRegex(text);
      return [];
    } catch (error) {
      return [{ severity: 'error', path, message: messageOf(error) }];
    }
  });
}

function nothingProblems({ presets: on, keys, patterns }: Config): CheckedProblem[] {
  if (on.length + keys.length + patterns.length > 0) return [];
  const message = 'looks for nothing: no presets, no keys and no patterns';
  return [
    {
      severity: 'warning',
      path: [],
      message,
      remedy: `leave \`presets\` out, or name some: ${presets.join(', ')}`,
    },
  ];
}
