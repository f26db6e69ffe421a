import { afterVarint, bytesOf, type Bytes } from '../wire/bytes.ts';
import { Writer } from '../wire/writer.ts';
import type {
  AttributesOf,
  ItemField,
  ItemPlace,
  ItemProgram,
  ItemStep,
  ItemTest,
  ItemValue,
} from './item-program.ts';
import {
  codeBytes,
  header,
  mostDecisions,
  mostDrops,
  mostSlots,
  orders,
  presence,
  steps,
  tests,
  values,
} from './quick-layout.ts';
import type { ReplacementTable } from './regex-table.ts';
import type { ExactValue } from './value.ts';
import { writeValue } from './value-writer.ts';

/** What a program has that the code of wasm/ cannot do. */
export class UnsayableError extends Error {
  override readonly name = 'UnsayableError';
}

/** A program as it lies in memory, with what it asks by number. */
export interface EncodedProgram {
  readonly header: Bytes;
  readonly code: Bytes;
  readonly matches: readonly ((text: string) => boolean)[];
  readonly meanings: readonly ((key: string) => boolean)[];
  readonly replacements: readonly ((text: string) => string | undefined)[];
  readonly changes: readonly ((value: ExactValue) => ExactValue)[];
  readonly reasons: readonly string[];
}

interface FieldLayout {
  readonly kind: number;
  readonly tag: number;
  /** Of a field of the message in the field. */
  readonly inner?: number;
  readonly set?: number;
}

const itemFields: Record<ItemProgram['signal'], Partial<Record<ItemField, FieldLayout>>> = {
  traces: {
    name: { kind: values.textField, tag: 0x2a, set: steps.setTextField },
    kind: { kind: values.numberField, tag: 0x30, set: steps.setNumberField },
    statusCode: { kind: values.innerNumberField, tag: 0x7a, inner: 0x18 },
  },
  logs: {
    severityNumber: { kind: values.numberField, tag: 0x10, set: steps.setNumberField },
    severityText: { kind: values.textField, tag: 0x1a, set: steps.setTextField },
    body: { kind: values.bodyField, tag: 0x2a, set: steps.setBody },
  },
};
const attributeTags = { traces: 0x4a, logs: 0x32 } as const;
const longestKey = 127;

/**
 * Lays a program out for the address `at`; `addressOf` tells where a key is. Throws an UnsayableError for what the code
 * cannot do, and what `writeValue` throws for values.
 */
export function encodeProgram(
  program: ItemProgram,
  at: number,
  addressOf: (key: Bytes) => number,
): EncodedProgram {
  return new Encoder(program.signal, at, addressOf).encoded(program);
}

/** Values are written here before it is known how long they are. */
const aside = new Writer(1 << 12);

/** The content of an AnyValue, to be used before the next one is asked for. Throws what `writeValue` throws. */
export function contentOf(value: ExactValue): Bytes {
  writeValue(aside.reset(), value, true);
  const bytes = aside.bytes();
  return bytes.subarray(afterVarint(bytes, 0)) as Bytes;
}

class Encoder {
  private readonly signal: ItemProgram['signal'];
  private readonly base: number;
  private readonly addressOf: (key: Bytes) => number;
  private readonly code = bytesOf(new Uint8Array(codeBytes));
  private readonly header = bytesOf(new Uint8Array(header.end));
  private pos = 0;
  private readonly slots: number[] = [];
  private touchesResource = false;
  private readonly matches: ((text: string) => boolean)[] = [];
  private readonly meanings: ((key: string) => boolean)[] = [];
  private readonly replacements: ((text: string) => string | undefined)[] = [];
  private readonly changes: ((value: ExactValue) => ExactValue)[] = [];
  private readonly reasons: string[] = [];
  private readonly tables: (ReplacementTable & { readonly node: number })[] = [];

  constructor(signal: ItemProgram['signal'], at: number, addressOf: (key: Bytes) => number) {
    this.signal = signal;
    this.base = at + header.code;
    this.addressOf = addressOf;
  }

  encoded({ steps: all }: ItemProgram): EncodedProgram {
    const addresses = all.map((step) => this.step(step));
    const { header: head, matches, meanings, replacements, changes, reasons } = this;
    const stepsAt = this.node(addresses.length, ...addresses);
    this.layTables();
    if (meanings.length > mostDecisions || reasons.length > mostDrops)
      throw new UnsayableError('it decides too much');
    head.writeUInt32LE(stepsAt, header.steps);
    head.writeUInt32LE(Number(reasons.length > 0), header.sweeps);
    head.writeUInt32LE(Number(this.touchesResource), header.touchesResource);
    head.writeUInt32LE(attributeTags[this.signal], header.attributes);
    for (const [i, tag] of this.slots.entries()) {
      head[header.slotTags + i + 1] = tag;
      head[header.tags + tag] = i + 1;
    }
    const code = bytesOf(this.code.subarray(0, this.pos));
    return { header: head, code, matches, meanings, replacements, changes, reasons };
  }

  /** So many words; answers where they are. */
  private node(...words: readonly number[]): number {
    const at = this.room(words.length * 4);
    for (const [i, word] of words.entries()) this.code.writeUInt32LE(word, at + i * 4);
    return this.base + at;
  }

  private room(size: number): number {
    const at = this.pos;
    this.pos = Math.ceil((at + size) / 8) * 8;
    if (this.pos + 16 > codeBytes) throw new UnsayableError('it is too long');
    return at;
  }

  private bytes(bytes: Uint8Array): number {
    const at = this.room(bytes.length);
    this.code.set(bytes, at);
    return this.base + at;
  }

  /** Where the content of an AnyValue is, and where it ends. */
  private constant(value: ExactValue): [number, number] {
    const content = contentOf(value);
    const at = this.bytes(content);
    return [at, at + content.length];
  }

  private key(text: string): number {
    const bytes = bytesOf(utf8Of(text));
    if (bytes.length > longestKey || bytes.length === 0) throw new UnsayableError('no such key');
    this.header[header.lengths + bytes.length] = 1;
    return this.addressOf(bytes);
  }

  private record(of: AttributesOf): number {
    if (of === 'item') return 0;
    this.touchesResource = true;
    return 1;
  }

  /** The same for who looks at each attribute. */
  private allKeys(of: AttributesOf): number {
    this.header.fill(1, header.lengths, header.end);
    return this.record(of);
  }

  private field(field: ItemField): FieldLayout & { readonly slot: number } {
    const layout = itemFields[this.signal][field];
    if (layout === undefined) throw new UnsayableError(`${this.signal} have no ${field}`);
    let slot = this.slots.indexOf(layout.tag) + 1;
    if (slot === 0) slot = this.slots.push(layout.tag);
    if (slot > mostSlots) throw new UnsayableError('too many fields');
    return { ...layout, slot };
  }

  private place(place: ItemPlace): number {
    if (place.at === 'attribute') {
      const kind = this.record(place.of) === 0 ? values.itemAttribute : values.resourceAttribute;
      return this.node(kind, this.key(place.key));
    }
    const { kind, slot, inner = 0 } = this.field(place.field);
    return this.node(kind, slot, inner);
  }

  private value(value: ItemValue): number {
    if (value.at === 'constant') return this.node(values.constant, ...this.constant(value.value));
    if (value.at === 'made')
      return this.node(values.made, this.place(value.of), this.replacements.push(value.by) - 1);
    if (value.at !== 'joined') return this.place(value);
    if (value.parts.some(({ at }) => at === 'joined' || at === 'made'))
      throw new UnsayableError('texts within texts');
    const parts = value.parts.map((part) => this.value(part));
    const by = Buffer.from(value.by);
    return this.node(values.joined, this.bytes(by), by.length, parts.length, ...parts);
  }

  private test(test: ItemTest): number {
    switch (test.is) {
      case 'all':
      case 'any':
        return this.node(tests[test.is], test.of.length, ...test.of.map((one) => this.test(one)));
      case 'not':
        return this.node(tests.not, this.test(test.of));
      case 'nil':
        return this.node(tests.nil, this.place(test.value));
      case 'matched':
        return this.withTable(
          this.node(
            tests.match,
            this.place(test.value),
            this.matches.push(test.by) - 1,
            Number(test.nil === 'views'),
            0,
          ),
          test.table,
        );
      case 'compared':
        return this.compared(test);
    }
  }

  private compared(test: ItemTest & { is: 'compared' }): number {
    if (test.operator === '!=') return this.node(tests.not, this.compared({ ...test, operator: '==' }));
    const value = this.place(test.value);
    const { with: other, operator } = test;
    if (typeof other === 'bigint' || typeof other === 'number') {
      const at = this.room(24);
      const { code } = this;
      code.writeUInt32LE(typeof other === 'bigint' ? tests.int : tests.double, at);
      code.writeUInt32LE(value, at + 4);
      code.writeUInt32LE(orders[operator], at + 8);
      if (typeof other === 'bigint') code.writeBigInt64LE(other, at + 16);
      else code.writeDoubleLE(other, at + 16);
      return this.base + at;
    }
    if (operator !== '==') throw new UnsayableError('an order of texts or booleans');
    if (typeof other === 'boolean') return this.node(tests.boolean, value, Number(other));
    const bytes = utf8Of(other);
    return this.node(tests.text, value, this.bytes(bytes), bytes.length);
  }

  private step(step: ItemStep): number {
    const when = step.when === undefined ? 0 : this.test(step.when);
    const [kind, ...operands] = this.effect(step);
    const node = this.node(kind, when, ...operands);
    return step.do === 'replace' ? this.withTable(node, step.table?.table, step.table?.parts) : node;
  }

  private effect(step: ItemStep): readonly [number, ...number[]] {
    switch (step.do) {
      case 'set':
        return this.set(step.place, this.value(step.value));
      case 'put':
        return [steps.put, this.key(step.key), ...this.constant(step.value), presence[step.where]];
      case 'change':
        return [steps.change, this.key(step.key), this.changes.push(step.by) - 1];
      case 'hash':
        return [steps.hash, this.key(step.key)];
      case 'delete':
        return [steps.delete, this.record(step.of), this.key(step.key)];
      case 'deleteKeys': {
        const number = this.meanings.push(step.which) - 1;
        return [steps.deleteKeys, this.allKeys(step.of), number, number];
      }
      case 'truncate':
        return [steps.truncate, this.allKeys(step.of), step.bytes];
      case 'replace':
        return [steps.replace, this.place(step.place), this.replacements.push(step.by) - 1, 0, 0];
      case 'drop':
        return [steps.drop, this.reasons.push(step.reason) - 1];
      case 'stop':
        return [steps.stop];
    }
  }

  /** The node, of which the fifth word will tell where the table is, and the sixth where the parts are, if there are any. */
  private withTable(node: number, table: Bytes | undefined, parts?: ReplacementTable['parts']): number {
    if (table !== undefined) this.tables.push({ node, table, parts });
    return node;
  }

  /** Tables take the room that is left, and those that have none are left out: they are only quicker. */
  private layTables(): void {
    for (const { node, table, parts } of this.tables) {
      const texts = parts?.map((part) => (typeof part === 'string' ? part.length * 3 : 0)) ?? [];
      const size = texts.reduce((sum, length) => sum + length + 16, table.length + 64);
      if (this.pos + size > codeBytes) continue;
      this.code.writeUInt32LE(this.bytes(table), node - this.base + 16);
      if (parts !== undefined) this.code.writeUInt32LE(this.parts(parts), node - this.base + 20);
    }
  }

  /** How many parts there are, with where they begin and end, or what they are. */
  private parts(parts: readonly (string | number)[]): number {
    const words = parts.map((part) => {
      if (typeof part === 'number') return [part, 0];
      const bytes = Buffer.from(part);
      const from = this.bytes(bytes);
      return [from, from + bytes.length];
    });
    return this.node(parts.length, ...words.flat());
  }

  private set(place: ItemPlace, value: number): readonly [number, ...number[]] {
    if (place.at === 'attribute')
      return [steps.setAttribute, this.record(place.of), this.key(place.key), value];
    const { set, slot } = this.field(place.field);
    if (set === undefined) throw new UnsayableError(`${place.field} is not written`);
    return [set, slot, value];
  }
}

/** The bytes that all texts have which read as this one: what is no UTF-8 reads as U+FFFD. */
function utf8Of(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.includes('\ufffd')) throw new UnsayableError('more than one text reads so');
  return bytes;
}
