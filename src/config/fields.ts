/**
 * The building blocks of component schemas.
 *
 * A message of a schema says what must hold (`must be ...`); `validate` adds what was found, masked where it must
 * be. A line break in a message begins the remedy.
 */
import { z } from 'zod';
import { Secret } from './secret.ts';
import { formatByteSize, formatDuration, parseByteSize, parseDuration } from './units.ts';

export type FieldType = 'duration' | 'size' | 'secret' | 'url' | 'regex' | 'text' | 'attribute value';

/** What the zod metadata key `respool` holds. */
export interface FieldMeta {
  type?: FieldType;
  marker?: { kind: 'moot' | 'refused' | 'renamed'; note: string };
}

/** What fields are made of is made once: a schema takes some microseconds to make, and each start makes all that it needs. */
const anyText = z.string();
const anything = z.unknown().optional();

/** Limits in the unit that the field gives: milliseconds or bytes. */
export interface Limits {
  min?: number;
  max?: number;
}

/** `200ms`, `1m30s`, `1h2m3.5s`: Go's syntax. Gives milliseconds. Negative only with a negative `min`. */
export function duration(limits: Limits = {}): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  const { min = 0, max = Infinity } = limits;
  return durationText
    .transform((text, context) => {
      const milliseconds = parseDuration(text);
      if (milliseconds === undefined) {
        context.addIssue({ code: 'custom', message: durationMessage(text) });
        return z.NEVER;
      }
      const message = outside(milliseconds, { min, max }, formatDuration);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
      return milliseconds;
    })
    .register(z.globalRegistry, { respool: { type: 'duration' } satisfies FieldMeta });
}

const durationText = z.string({ error: (issue) => durationMessage(issue.input) });

function durationMessage(found: unknown): string {
  const number = typeof found === 'bigint' || typeof found === 'number' || /^-?[0-9.]+$/u.test(String(found));
  if (number)
    return `must be a duration with a unit\nadd a unit: ${String(found)}ms, ${String(found)}s or ${String(found)}m`;
  const days = /^([0-9]+)(d|days?|w|weeks?)$/u.exec(String(found));
  if (days !== null) {
    const hours = Number(days[1]) * (days[2]?.startsWith('w') === true ? 168 : 24);
    return `must be a duration; its largest unit is h\nwrite ${hours}h`;
  }
  return 'must be a duration such as 200ms, 5s or 1m30s\nunits: ns, us, ms, s, m, h';
}

/** `4MiB`, `1GB`, `64kb`, or a plain number of bytes. Gives bytes. */
export function byteSize(
  limits: Limits = {},
): z.ZodPipe<z.ZodUnion<readonly [z.ZodInt, z.ZodString]>, z.ZodTransform<number, string | number>> {
  const { min = 0, max = Infinity } = limits;
  return sizeText
    .transform((value, context) => {
      const bytes = typeof value === 'number' ? value : parseByteSize(value);
      const problem = bytes === undefined ? sizeMessage : outside(bytes, { min, max }, formatByteSize);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      return bytes ?? z.NEVER;
    })
    .register(z.globalRegistry, { respool: { type: 'size' } satisfies FieldMeta });
}

const sizeMessage =
  'must be a size such as 4MiB, 64kB or a number of bytes\nunits: B, kB, MB, GB, TB, KiB, MiB, GiB, TiB';
const sizeText = z.union([z.int(), z.string()], { error: sizeMessage });

function outside(
  value: number,
  limits: Required<Limits>,
  text: (value: number) => string,
): string | undefined {
  if (value < limits.min) {
    return limits.min === 0 ? 'must not be negative' : `must be at least ${text(limits.min)}`;
  }
  return value > limits.max ? `must be at most ${text(limits.max)}` : undefined;
}

/** A text that is shown nowhere. */
export function secret(): z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>> {
  return anyText
    .transform((text) => new Secret(text))
    .register(z.globalRegistry, { respool: { type: 'secret' } satisfies FieldMeta });
}

/** An absolute http or https URL. Gives the text as written. */
export function url(): z.ZodString {
  return anyText
    .check((context) => {
      const message = urlProblem(context.value);
      if (message === undefined) return;
      context.issues.push({ code: 'custom', message, input: context.value });
    })
    .register(z.globalRegistry, { respool: { type: 'url' } satisfies FieldMeta });
}

function urlProblem(text: string): string | undefined {
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//iu.test(text);
  if (!withScheme && /^[\w.-]+(:[0-9]+)?(\/.*)?$/u.test(text)) {
    return 'must be a URL with http:// or https:// in front\nadd the scheme, usually http:// within a cluster';
  }
  if (!URL.canParse(text)) return 'must be a URL such as http://localhost:4318';
  if (/^https?:/iu.test(text)) return undefined;
  return `must be a URL that begins with http:// or https://`;
}

/** The text of a regular expression; whether it is one, its user finds out. */
export function regex(): z.ZodString {
  return anyText.min(1).register(z.globalRegistry, { respool: { type: 'regex' } satisfies FieldMeta });
}

/** A text where people also write numbers and booleans: `200`, `true` and `1.0` are the texts as written. */
export function stringOrNumberAsText(): z.ZodString {
  return anyText.meta({ respool: { type: 'text' } satisfies FieldMeta });
}

export type AttributeValue = string | boolean | bigint | number | AttributeValue[];

/** A value typed by YAML: `1` is the bigint 1n (an int64), `1.0` the number 1 (a double). */
export function attributeValue(): z.ZodType<AttributeValue> {
  const scalar = z.union([z.string(), z.boolean(), z.bigint(), z.number(), z.nan()]);
  const message = 'must be a text, a number, true, false or a list of these';
  const value: z.ZodType<AttributeValue> = z.union([scalar, z.array(scalar)], { error: message });
  return value.meta({ respool: { type: 'attribute value' } satisfies FieldMeta });
}

/** A key that the Collector knows and that changes nothing here: accepted, with one notice that gives the reason. */
export function moot(reason: string): z.ZodOptional<z.ZodUnknown> {
  return marked({ kind: 'moot', note: reason });
}

/** A key that the Collector knows and we do not: an error that names the nearest alternative. */
export function refused(alternative: string): z.ZodOptional<z.ZodUnknown> {
  return marked({ kind: 'refused', note: alternative });
}

/** A key with another name now: an error that says which. */
export function renamed(to: string): z.ZodOptional<z.ZodUnknown> {
  return marked({ kind: 'renamed', note: to });
}

function marked(marker: NonNullable<FieldMeta['marker']>): z.ZodOptional<z.ZodUnknown> {
  return anything.meta({ respool: { marker } satisfies FieldMeta });
}
