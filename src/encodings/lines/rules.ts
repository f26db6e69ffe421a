/** How lines of text are read: what was configured, else what can be told of the lines themselves. */
import { compileRegex, RegexError, type Regex } from '../../model/regex.ts';
import { withoutColours } from '../plain-text.ts';
import { knownTime } from './known-times.ts';
import { LayoutError, timeReader, type LayoutType, type TimeReader } from './layout.ts';
import { fieldIds, fieldSeverity, fieldsOf, fieldTime, type LineFields } from './line-fields.ts';
import { utc, zoneNamed, type Moment, type Zone } from './moment.ts';
import { klogSeverity, knownSeverity, severityNumber, syslogSeverity, type Severity } from './severity.ts';

/** As in a config file, with the names of the Collector's `regex_parser`, `time_parser` and `severity_parser`. */
export interface LinesConfig {
  readonly regex?: string | undefined;
  readonly timestamp?: 'auto' | 'none' | TimestampConfig | undefined;
  readonly severity?: 'auto' | 'none' | SeverityConfig | undefined;
  readonly multiline?: 'auto' | 'none' | MultilineConfig | undefined;
}

export interface TimestampConfig {
  readonly parse_from?: string | undefined;
  readonly layout?: string | undefined;
  readonly layout_type?: LayoutType | undefined;
  readonly location?: string | undefined;
}

export interface SeverityConfig {
  readonly parse_from: string;
  readonly mapping?: SeverityMapping | undefined;
}

/** What each level is called: `{ error: ["E", "5xx", { min: 500, max: 599 }] }`. */
export type SeverityMapping = Readonly<Record<string, SeverityValue | readonly SeverityValue[]>>;
export type SeverityValue = string | number | { readonly min: number; readonly max: number };

export interface MultilineConfig {
  readonly line_start_pattern?: string | undefined;
  readonly line_end_pattern?: string | undefined;
}

/** What one line says. */
export interface LineFacts {
  readonly time: Moment | bigint | undefined;
  readonly severity: Severity | undefined;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: readonly (readonly [string, string])[];
  /** Whether the `regex` fits; true without one. */
  readonly fits: boolean;
}

/** What of a config cannot be; the message does not name the key. */
export class LineRulesError extends Error {
  override readonly name = 'LineRulesError';
  /** The keys that lead there. */
  readonly path: readonly string[];

  constructor(path: readonly string[], message: string, cause?: unknown) {
    super(message, { cause });
    this.path = path;
  }
}

type TimeOf = (text: string, fields: LineFields | undefined) => Moment | bigint | undefined;
type SeverityOf = (text: string, fields: LineFields | undefined) => Severity | undefined;

export class LineRules {
  readonly zone: Zone;
  readonly multiline: {
    readonly kind: 'auto' | 'none' | 'patterns';
    readonly starts?: Regex | undefined;
    readonly ends?: Regex | undefined;
  };
  /** Lines begin a record where they fit a `regex`, and continue one where they do not. */
  readonly hasRegex: boolean;
  private readonly regex: Regex | undefined;
  private readonly time: TimeOf;
  private readonly severity: SeverityOf;

  /** Throws a LineRulesError. */
  constructor({ regex, timestamp = 'auto', severity = 'auto', multiline = 'auto' }: LinesConfig = {}) {
    this.regex = patternOf(regex, ['regex']);
    this.hasRegex = regex !== undefined;
    if (typeof timestamp === 'object') checkGroup(this.regex, timestamp.parse_from, 'timestamp');
    if (typeof severity === 'object') checkGroup(this.regex, severity.parse_from, 'severity');
    this.zone = zoneOf(timestamp);
    this.time = timeRule(timestamp);
    this.severity = severityRule(severity);
    this.multiline =
      typeof multiline === 'string'
        ? { kind: multiline }
        : {
            kind: 'patterns',
            starts: patternOf(multiline.line_start_pattern, ['multiline', 'line_start_pattern']),
            ends: patternOf(multiline.line_end_pattern, ['multiline', 'line_end_pattern']),
          };
  }

  read(line: string): LineFacts {
    const text = withoutColours(line);
    const groups = this.groups(text);
    const fields = groups ?? fieldsOf(text);
    return {
      time: this.time(text, fields),
      severity: this.severity(text, fields),
      attributes: groups === undefined ? [] : groups.all,
      fits: this.regex === undefined || groups !== undefined,
      ...(fields === undefined ? noIds : fieldIds(fields)),
    };
  }

  /** The named groups of the `regex`, as fields. */
  private groups(text: string): (LineFields & { readonly all: [string, string][] }) | undefined {
    const { regex } = this;
    const match = regex?.match(text);
    if (regex === undefined || match === undefined) return undefined;
    const all: [string, string][] = [];
    for (const [index, name] of regex.groupNames.entries()) {
      const value = match.groups[index];
      if (name !== undefined && name !== '' && value !== undefined) all.push([name, value]);
    }
    const get = (name: string) => all.find(([group]) => group === name)?.[1];
    return { all, get, sourceOf: get };
  }
}

const noIds = { traceId: '', spanId: '' };

function patternOf(pattern: string | undefined, path: readonly string[]): Regex | undefined {
  if (pattern === undefined) return undefined;
  try {
    return compileRegex(pattern);
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    throw new LineRulesError(path, error.message, error);
  }
}

/** Lines that fit a regex have its groups as fields, and no others. */
function checkGroup(regex: Regex | undefined, from: string | undefined, key: 'timestamp' | 'severity'): void {
  if (regex === undefined || from === undefined) return;
  const names = regex.groupNames.filter((name) => name !== undefined && name !== '');
  if (names.includes(fieldName(from))) return;
  const known = names.length === 0 ? 'which has none with a name' : `which has ${names.join(', ')}`;
  throw new LineRulesError(
    [key, 'parse_from'],
    `must be a group of the \`regex\`, ${known}, found ${JSON.stringify(from)}`,
  );
}

function zoneOf(timestamp: LinesConfig['timestamp']): Zone {
  if (typeof timestamp !== 'object' || timestamp.location === undefined) return utc;
  const { location } = timestamp;
  const found = zoneNamed(location);
  if (found !== undefined) return found;
  throw new LineRulesError(
    ['timestamp', 'location'],
    `must be a time zone such as Europe/Lisbon, found ${JSON.stringify(location)}`,
  );
}

function readerOf(layout: string, type: LayoutType): TimeReader {
  try {
    return timeReader(layout, type);
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    throw new LineRulesError(['timestamp', 'layout'], error.message, error);
  }
}

/** The Collector's `attributes.time` and `body.time` are the field `time`. */
function fieldName(parseFrom: string): string {
  return parseFrom.replace(/^(?:attributes|body)\./, '');
}

function timeRule(timestamp: NonNullable<LinesConfig['timestamp']>): TimeOf {
  if (timestamp === 'none') return () => undefined;
  if (timestamp === 'auto') return (text, fields) => (fields && fieldTime(fields)) ?? knownTime(text)?.moment;
  const { parse_from: from, layout, layout_type: type = 'strptime' } = timestamp;
  const reader = layout === undefined ? undefined : readerOf(layout, type);
  if (from === undefined) return reader === undefined ? timeRule('auto') : (text) => reader.atStart(text);
  const names = [fieldName(from)];
  if (reader === undefined) return (_, fields) => fields && fieldTime(fields, names);
  return (_, fields) => fields && timeIn(fields, names, reader);
}

function timeIn(fields: LineFields, [name = '']: readonly string[], reader: TimeReader) {
  const value = fields.get(name);
  if (typeof value === 'string') return reader.whole(value);
  return typeof value === 'number' ? reader.whole(fields.sourceOf(name) ?? String(value)) : undefined;
}

function severityRule(severity: NonNullable<LinesConfig['severity']>): SeverityOf {
  if (severity === 'none') return () => undefined;
  if (severity === 'auto') {
    return (text, fields) =>
      (fields && fieldSeverity(fields)) ?? klogSeverity(text) ?? syslogSeverity(text) ?? knownSeverity(text);
  }
  const names = [fieldName(severity.parse_from)];
  const mapped = mappingRule(severity.mapping ?? {});
  return (_, fields) => {
    const found = fields && fieldSeverity(fields, names);
    return found === undefined ? undefined : { ...found, number: mapped(found.text) ?? found.number };
  };
}

/** The number of the level that a text is mapped to. */
function mappingRule(mapping: SeverityMapping): (text: string) => number | undefined {
  const rules = Object.entries(mapping).flatMap(([level, values]) => {
    const number = severityNumber(level);
    if (number === 0) {
      const levels = 'trace, debug, info, warn, error or fatal, also with 2 to 4 behind it';
      throw new LineRulesError(['severity', 'mapping', level], `must be a level: ${levels}`);
    }
    return [values].flat().map((value) => ({ number, fits: valueRule(value) }));
  });
  return (text) => rules.find(({ fits }) => fits(text))?.number;
}

function valueRule(value: SeverityValue): (text: string) => boolean {
  if (typeof value === 'object') return rangeRule(value.min, value.max);
  const hundred = /^([1-5])xx$/.exec(String(value))?.[1];
  if (hundred !== undefined) return rangeRule(Number(hundred) * 100, Number(hundred) * 100 + 99);
  const wanted = String(value).toLowerCase();
  return (text) => text.toLowerCase() === wanted;
}

function rangeRule(min: number, max: number): (text: string) => boolean {
  return (text) => text.trim() !== '' && Number(text) >= min && Number(text) <= max;
}
