/** Random telemetry in canonical OTLP JSON. */
import fc from 'fast-check';
import { AnyValueType, type Field, type Kind, type MessageType } from '../../src/model/schema.ts';

const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n),
);
const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.constantFrom(0n, 999_999_999n, 10n ** 9n, 2n ** 32n, 1773480413590055949n, 2n ** 64n - 1n),
);
const double = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, 1e21, 5e-324, NaN, Infinity, -Infinity),
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '',
    'service.name',
    '\u0000\u001f"\\/\b\f\n\r\t\u2028\u007f',
    'é',
    '😀'.repeat(40),
    'x'.repeat(200),
  ),
);
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex'));
const asText = (values: fc.Arbitrary<bigint>) => values.map(String);
const asDouble = double.map((value) =>
  Number.isFinite(value) && !Object.is(value, -0) ? value : value === 0 ? 0 : String(value),
);

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** The canonical JSON of each kind of field but messages, as plain JavaScript values. */
const scalars: Record<Exclude<Kind, 'message' | 'id'>, fc.Arbitrary<unknown>> = {
  string: text,
  strings: text,
  bytes: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  bool: fc.boolean(),
  double: asDouble,
  doubles: asDouble,
  int64: asText(int64),
  sfixed64: asText(int64),
  fixed64: asText(uint64),
  fixed64s: asText(uint64),
  uint64s: asText(uint64),
  enum: fc.oneof(fc.nat(30), fc.integer()),
  sint32: fc.integer(),
  uint32,
  fixed32: uint32,
};

function valueOf(field: Field, depth: number): fc.Arbitrary<unknown> {
  if (field.kind === 'id') return hex(field.size);
  if (field.kind !== 'message') return scalars[field.kind];
  if (field.type === null) throw new Error(`${field.name} is a message without a type`);
  return messageOf(field.type, field.type === AnyValueType ? depth - 1 : depth);
}

/** An object with some members of the message, at most one of each oneof, none with its default. `depth` is how deeply values are nested. */
export function messageOf(type: MessageType, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const members = type.fields
    .filter(
      (field) =>
        depth > 0 || field.type === null || !['ArrayValue', 'KeyValueList'].includes(field.type.name),
    )
    .map((field) => {
      const value = valueOf(field, depth);
      const values = field.repeated ? fc.array(value, { minLength: 1, maxLength: 3 }) : value;
      return values.map((one) => [field, one] as const);
    });
  return fc.tuple(...members.map((member) => fc.option(member, { freq: 2 }))).map((chosen) => {
    const object: Record<string, unknown> = {};
    let taken = 0;
    for (const choice of chosen) {
      if (choice === null) continue;
      const [field, value] = choice;
      if ((taken & field.bit) !== 0) continue;
      taken |= field.bit;
      const isDefault = value === '' || value === 0 || value === false || value === '0';
      if (!isDefault || field.explicit) object[field.name] = value;
    }
    return object;
  });
}
