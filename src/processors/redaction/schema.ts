/** The YAML of `redaction`. */
import { z } from 'zod';
import { refused, secret } from '../../config/fields.ts';
import { anyCase } from '../shared/any-case.ts';
import { hashFunctions } from './mask.ts';

const keys = z.array(z.string()).default([]);

export const schema = z.strictObject({
  allow_all_keys: z
    .boolean()
    .default(false)
    .describe('Removes no attribute. Off: all that is not in `allowed_keys`.'),
  allowed_keys: keys.describe('The attributes that are not removed; of log bodies, the keys of maps.'),
  ignored_keys: keys.describe('Keys that are neither removed nor masked.'),
  ignored_key_patterns: keys.describe('RE2 regular expressions of such keys.'),
  blocked_key_patterns: keys.describe('RE2 regular expressions of keys whose whole value is masked.'),
  blocked_values: keys.describe('RE2 regular expressions: what they find in a text is masked.'),
  allowed_values: keys.describe(
    'RE2 regular expressions of values that are not masked; wins over what is blocked.',
  ),
  redact_all_types: z
    .boolean()
    .default(false)
    .describe('Looks into numbers, lists and maps too, as text; what is masked becomes text.'),
  hash_function: anyCase(hashFunctions)
    .default('none')
    .describe(
      '`none`: the mask is `****`. Else the hash of what is masked, in hex: equal values stay equal.',
    ),
  hmac_key: secret()
    .optional()
    .describe('The key of hmac-sha256 (32 bytes or more) and hmac-sha512 (64 bytes or more).'),
  summary: z
    .string()
    .default('silent')
    .describe(
      '`info` adds how many attributes were removed, masked, ... to the record, `debug` their keys too.',
    ),
  url_sanitizer: z
    .strictObject({
      enabled: z.boolean().default(false),
      attributes: keys.describe('The attributes with URLs or paths. Log bodies are always looked at.'),
      sanitize_span_name: z.boolean().default(true).describe('Names of client and server spans of HTTP too.'),
    })
    .prefault({})
    .describe('Puts `*` in place of ids in paths, and cuts queries off.'),
  db_sanitizer: refused(
    "queries are not parsed here; write blocked_values for literals (`'[^']*'`, `\\b\\d+\\b`), or replace_pattern in processor transform",
  ),
});

export type Config = z.output<typeof schema>;
