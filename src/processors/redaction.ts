/**
 * Removes attributes that are not on a list, and masks values: on resources, scopes, spans, span events, log records,
 * data points, and in log bodies.
 *
 * Belongs right behind filters, before anything that copies attributes elsewhere. Beware of the default, which is the
 * Collector's: without `allow_all_keys` and without `allowed_keys` it removes all attributes. It drops no item and
 * delays nothing. Patterns find something anywhere in a text, unless they have `^` and `$`.
 *
 *     processors:
 *       redaction:
 *         allow_all_keys: true
 *         blocked_values: ['\b4[0-9]{12}(?:[0-9]{3})?\b']
 *         blocked_key_patterns: ['(?i)token|password']
 *         summary: info
 */
import type { Attributes } from '../model/attributes.ts';
import type { AnyBatch } from '../model/batches.ts';
import { LogRecord } from '../model/logs.ts';
import { compileRegex } from '../model/regex.ts';
import { Span, SpanKind } from '../model/traces.ts';
import { valueText, type ExactValue } from '../model/value.ts';
import type { CheckedProblem, ProcessorFactory } from '../pipeline/component.ts';
import { messageOf } from '../pipeline/errors.ts';
import { eachItem } from '../pipeline/item-processor.ts';
import { redactBody } from './redaction/body.ts';
import { clusterUrl } from './redaction/cluster-url.ts';
import { maskWhole } from './redaction/mask.ts';
import { compileRules, type Rules } from './redaction/rules.ts';
import { schema, type Config } from './redaction/schema.ts';
import { noActions, writeSummary, type Summary } from './redaction/summary.ts';
import { groupsIn, itemsIn, scopeGroupsIn, type AnyItem } from './shared/groups.ts';

export const redaction: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'redaction',
  stateless: true,
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Removes attributes that are not on a list, and masks or hashes values.',
  schema,
  check: (config) => [...patternProblems(config), ...hashProblems(config), ...notices(config)],
  create(config) {
    const redactor = new Redactor(compileRules(config), summaryOf(config));
    return eachItem({ batch: (batch) => redactor.redact(batch) });
  },
};

class Redactor {
  private readonly rules: Rules;
  private readonly summary: Summary;

  constructor(rules: Rules, summary: Summary) {
    this.rules = rules;
    this.summary = summary;
  }

  redact(batch: AnyBatch): void {
    for (const group of groupsIn(batch)) {
      this.attributes(group.resource.attributes);
      for (const scope of scopeGroupsIn(group)) {
        this.attributes(scope.scope.attributes);
        for (const item of itemsIn(scope)) this.item(item);
      }
    }
  }

  private item(item: AnyItem): void {
    if (item instanceof Span) {
      this.attributes(item.attributes);
      for (const event of item.events) this.attributes(event.attributes);
      if (this.rules.cleansNames) this.name(item);
    } else if (item instanceof LogRecord) {
      this.attributes(item.attributes);
      this.body(item);
    } else {
      for (const point of item.dataPoints()) this.attributes(point.attributes);
    }
  }

  private attributes(attributes: Attributes): void {
    const { rules } = this;
    const actions = noActions();
    attributes.update((value, key) => {
      if (rules.ignores(key)) {
        actions.ignored.push(key);
        return value;
      }
      if (rules.removes(key)) {
        actions.redacted.push(key);
        return undefined;
      }
      const text = rules.allTypes ? valueText(value) : textOf(value);
      if (rules.allows(text)) {
        actions.allowed.push(key);
        return value;
      }
      const isMasked = rules.masksKey(key);
      const masked = isMasked ? maskWhole(text, rules.mask) : rules.clean(text, key);
      if (!isMasked && masked === text) return rules.allTypes ? withoutHidden(value) : value;
      actions.masked.push(key);
      return masked;
    });
    writeSummary(actions, this.summary, attributes);
  }

  private body(log: LogRecord): void {
    const actions = noActions();
    const before = log.bodyExact;
    const after = redactBody(before, this.rules, actions);
    const left = Object.is(before, after) ? withoutHidden(before) : after;
    if (left !== before) log.bodyExact = left;
    writeSummary(actions, this.summary, log.attributes, 'redaction.body');
  }

  private name(span: Span): void {
    const { name, kind } = span;
    const mayBeUrl = name.includes('/') || httpKeys.some((key) => span.attributes.has(key));
    if ((kind !== SpanKind.CLIENT && kind !== SpanKind.SERVER) || !mayBeUrl || this.rules.allows(name))
      return;
    const cleaned = clusterUrl(name);
    const saysNothing = cleaned.split('/').every((segment) => segment === '' || segment === '*');
    if (cleaned !== name && !saysNothing) span.name = cleaned;
  }
}

/** Who has one of them is a span of HTTP. */
const httpKeys = [
  'http.route',
  'http.request.method',
  'http.request.method_original',
  'http.response.status_code',
  'url.full',
  'http.scheme',
  'http.target',
  'http.method',
  'http.url',
];

/** What patterns see of a value that is no text is ''. */
function textOf(value: ExactValue): string {
  return typeof value === 'string' ? value : '';
}

/**
 * A map may have come with a key twice, and only one of its values was looked at: written anew, it has no other. What
 * is no map or list stays the same.
 */
function withoutHidden(value: ExactValue): ExactValue {
  if (value instanceof Map) return new Map(value);
  return Array.isArray(value) ? [...value] : value;
}

function summaryOf({ summary }: Config): Summary {
  return summary === 'debug' || summary === 'info' ? summary : 'silent';
}

const patternLists = [
  'ignored_key_patterns',
  'blocked_key_patterns',
  'blocked_values',
  'allowed_values',
] as const;

function patternProblems(config: Config): CheckedProblem[] {
  return patternLists.flatMap((list) =>
    config[list].flatMap((pattern, index): CheckedProblem[] => {
      try {
        compileRegex(pattern);
        return [];
      } catch (error) {
        return [{ severity: 'error', path: [list, index], message: messageOf(error) }];
      }
    }),
  );
}

function hashProblems({ hash_function: name, hmac_key: key }: Config): CheckedProblem[] {
  const length = Buffer.byteLength(key?.reveal() ?? '');
  const path = ['hmac_key'];
  if (!name.startsWith('hmac-')) {
    const message = 'has no effect: hash_function is not hmac-sha256 or hmac-sha512';
    return length === 0 ? [] : [{ severity: 'notice', path, message }];
  }
  const least = name === 'hmac-sha512' ? 64 : 32;
  const message = `must have at least ${least} bytes for ${name}, and has ${length}`;
  return length < least ? [{ severity: 'error', path, message }] : [];
}

function notices(config: Config): CheckedProblem[] {
  const removesAll = !config.allow_all_keys && config.allowed_keys.length === 0;
  const { summary } = config;
  const isKnown = ['', 'debug', 'info', 'silent'].includes(summary);
  return [
    ...(removesAll
      ? [notice('allowed_keys', 'is empty: all attributes are removed', 'allow_all_keys: true')]
      : []),
    ...(isKnown ? [] : [notice('summary', `is taken for silent: ${summary} is neither debug nor info`)]),
  ];
}

function notice(key: keyof Config, message: string, instead?: string): CheckedProblem {
  const problem = { severity: 'notice', path: [key], message } as const;
  return instead === undefined ? problem : { ...problem, remedy: `to keep them, write ${instead}` };
}
