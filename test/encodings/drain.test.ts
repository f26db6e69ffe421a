/** What is complete leaves a decoder when nothing more is there, and another one goes on from there. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultDecoderOptions, type Encoding } from '../../src/encodings/encoding.ts';
import { otlpJson } from '../../src/encodings/otlp-json.ts';
import { otlpProto } from '../../src/encodings/otlp-proto.ts';
import { beginning, PositionedDecoder } from '../../src/encodings/position.ts';
import { TracesData } from '../../src/model/schema.ts';
import { Transcoder } from '../../src/model/transcode.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { Writer } from '../../src/wire/writer.ts';
import { plain, type Seen } from './decoding.ts';

/** Each resource, and each byte that could not be read with its line: how they were cut is left out. */
function contents(seen: readonly Seen[]): unknown[] {
  const all: unknown[] = [];
  for (const each of seen) {
    if ('json' in each) all.push(...Object.values(each.json as Record<string, unknown[]>).flat());
    else all.push(...Array.from({ length: each.bytes }, (_, i) => each.offset + i));
  }
  return all;
}

const inOrder = (all: readonly unknown[]) => all.map((each) => JSON.stringify(each)).toSorted();

/** Decodes with a drain at each stop and a new decoder wherever one may begin. */
function inTurns(encoding: Encoding, bytes: Buffer, stops: readonly number[]): Seen[] {
  const seen: Seen[] = [];
  const options = { ...defaultDecoderOptions, batchBytes: 300 };
  let decoder = new PositionedDecoder(encoding, options, beginning);
  let pushed = 0;
  for (const stop of [...stops.toSorted((a, b) => a - b), bytes.length]) {
    for (const each of decoder.push(Buffer.from(bytes.subarray(pushed, stop)) as Bytes))
      seen.push(plain(each));
    pushed = Math.max(stop, pushed);
    const drain = decoder.drain();
    let next = drain.next();
    for (; next.done !== true; next = drain.next()) seen.push(plain(next.value));
    if (!next.value) continue;
    decoder = new PositionedDecoder(
      encoding,
      options,
      JSON.parse(JSON.stringify(decoder.now)) as typeof beginning,
    );
    pushed = decoder.now.offset;
  }
  for (const each of decoder.push(Buffer.from(bytes.subarray(pushed)) as Bytes)) seen.push(plain(each));
  for (const each of decoder.end()) seen.push(plain(each));
  return seen;
}

const span = (name: string) =>
  `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"${name}","startTimeUnixNano":"1"}]}]}]}`;

test('OTLP JSON in lines, indented, in arrays, with text between', () => {
  const document = fc
    .nat(99)
    .chain((i) =>
      fc.constantFrom(
        `${span(`s${i}`)}\n`,
        `${span(`s${i}`)}\n`,
        `${JSON.stringify(JSON.parse(span(`p${i}`)), null, 2)}\n`,
        `[${span(`a${i}`)},\n${span(`b${i}`)}]\n`,
        'some text\n',
        '[more text\n',
        '{}\n',
      ),
    );
  fc.assert(
    fc.property(
      fc.array(document, { maxLength: 8 }),
      fc.array(fc.nat(1500), { maxLength: 6 }),
      (parts, at) => {
        const bytes = Buffer.from(parts.join(''));
        const stops = at.map((stop) => Math.min(stop, bytes.length));
        const whole = inOrder(contents(inTurns(otlpJson, bytes, [])));
        expect(inOrder(contents(inTurns(otlpJson, bytes, stops)))).toEqual(whole);
      },
    ),
    { numRuns: 300 },
  );
});

test.each([true, false])('messages of OTLP protobuf, with their lengths: %s', (isFramed) => {
  const messages = Array.from({ length: 6 }, (_, i) => {
    const json = Buffer.from(span(`s${i}`)) as Bytes;
    const to = new Writer();
    new Transcoder().message(json, 0, json.length, TracesData, to);
    const size = Buffer.alloc(isFramed ? 4 : 0);
    if (isFramed) size.writeUInt32BE(to.pos);
    return Buffer.concat([size, to.bytes()]);
  });
  const bytes = Buffer.concat(messages);
  const whole = inOrder(contents(inTurns(otlpProto, bytes, [])));
  expect(whole).toHaveLength(6);
  for (let stop = 0; stop < bytes.length; stop++)
    expect(inOrder(contents(inTurns(otlpProto, bytes, [stop, stop + 7])))).toEqual(whole);
});

test('a complete line leaves at once, and one that is not waits', () => {
  const decoder = new PositionedDecoder(otlpJson, defaultDecoderOptions);
  const text = `${span('a')}\n${span('b')}\n${span('c').slice(0, 50)}`;
  expect([...decoder.push(Buffer.from(text) as Bytes)]).toEqual([]);
  expect(contents([...decoder.drain()].map(plain))).toHaveLength(2);
  expect(decoder.now).toMatchObject({ offset: text.length - 50, passed: 0 });
  for (const each of decoder.push(Buffer.from(`${span('c').slice(50)}\n`) as Bytes))
    expect(each).toBeUndefined();
  expect(contents([...decoder.drain()].map(plain))).toHaveLength(1);
});
