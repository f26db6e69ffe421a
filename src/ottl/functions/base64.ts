import { checkUnits } from '../budget.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { RefusedArgument, any, optional, string } from '../parameters.ts';
import { describeValue } from '../values.ts';
import type { OttlValue } from '../values.ts';
import { charsetDecoder } from './charsets.ts';

interface Variant {
  readonly encoding: 'base64' | 'base64url';
  readonly padded: boolean;
}

const variants: ReadonlyMap<string, Variant> = new Map([
  ['base64', { encoding: 'base64', padded: true }],
  ['base64-raw', { encoding: 'base64', padded: false }],
  ['base64-url', { encoding: 'base64url', padded: true }],
  ['base64-raw-url', { encoding: 'base64url', padded: false }],
]);

/** The UTF-8 of a text in base64; the variants drop the padding (`-raw`) or use the alphabet for URLs (`-url`). */
export const base64Encode = converter(
  'Base64Encode',
  { target: string(), variant: optional(string()) },
  ({ target, variant }) => {
    return (record) => {
      const name = variant?.read(record) ?? 'base64';
      const found = variants.get(name);
      if (found === undefined)
        throw new OttlFailure(`${JSON.stringify(name)} is no variant of base64`, [name]);
      const bytes = Buffer.from(target.read(record));
      checkUnits(Math.ceil(bytes.length / 3) * 4);
      const text = bytes.toString(found.encoding);
      const bare = text.replace(/=+$/, '');
      return found.padded ? bare.padEnd(Math.ceil(bare.length / 4) * 4, '=') : bare;
    };
  },
);

/** The older name of `Decode(..., "base64")`. */
export const base64Decode = converter('Base64Decode', { target: string() }, ({ target }) => {
  return (record) => fromBase64(target.read(record), { encoding: 'base64', padded: true }).toString();
});

/** Text from bytes (or a text's bytes) in an encoding: base64 in four variants, or a character set by its IANA name. */
export const decode = converter('Decode', { target: any(), encoding: string() }, ({ target, encoding }) => {
  const literal = encoding.constant?.value;
  if (literal !== undefined && decoderFor(literal) === undefined)
    throw new RefusedArgument(`${JSON.stringify(literal)} is no encoding that is known`, encoding);
  const fixed = literal === undefined ? undefined : decoderFor(literal);
  return (record) => {
    const value = target.read(record);
    const name = encoding.read(record);
    const run = fixed ?? decoderFor(name);
    if (run === undefined)
      throw new OttlFailure(`${JSON.stringify(name)} is no encoding that is known`, [name]);
    return run(bytesOf(value));
  };
});

function decoderFor(name: string): ((bytes: Buffer) => string) | undefined {
  const variant = variants.get(name);
  if (variant !== undefined) return (bytes) => fromBase64(bytes.toString('latin1'), variant).toString();
  return charsetDecoder(name);
}

function bytesOf(value: OttlValue): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return Buffer.from(value);
  throw new OttlFailure(`only text and bytes can be decoded, found ${describeValue(value)}`, [value]);
}

/** Strict, as Go is: the right alphabet and padding; only line breaks are passed over. */
function fromBase64(text: string, { encoding, padded }: Variant): Buffer {
  const body = text.replaceAll(/[\r\n]/g, '');
  const shape = encoding === 'base64' ? /^[A-Za-z0-9+/]*(={0,2})$/ : /^[A-Za-z0-9_-]*(={0,2})$/;
  const [, padding] = shape.exec(body) ?? [];
  const digits = body.length - (padding?.length ?? 0);
  const wanted = padded ? (4 - (digits % 4)) % 4 : 0;
  if (padding === undefined || padding.length !== wanted || digits % 4 === 1)
    throw new OttlFailure('this is no base64 of that variant', [text]);
  return Buffer.from(body, encoding);
}
