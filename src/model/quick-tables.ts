import { isAttributes, KeyValueType, type Field, type Kind, type MessageType } from './schema.ts';

/** The kinds that wasm/transcode.ts knows, by their numbers there. */
const kinds: readonly Kind[] = [
  'string',
  'id',
  'bool',
  'double',
  'enum',
  'sint32',
  'uint32',
  'fixed32',
  'int64',
  'sfixed64',
  'fixed64',
  'bytes',
  'message',
  'strings',
  'doubles',
  'fixed64s',
  'uint64s',
];

const masksAt = 64;
const powersAt = 128;
const hashConstantsAt = 512;
const tablesAt = 1024;
const typeBytes = 16;
const fieldBytes = 32;
const textAt = 16;
const spellingBytes = 64;

/** Lays the schema out as wasm/transcode.ts reads it, from the beginning of its memory on. */
export class QuickTables {
  readonly fields = new Map<Field, number>();
  end = tablesAt;
  private readonly memory: WebAssembly.Memory;
  private readonly types = new Map<MessageType, number>();
  private view: DataView;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.view = new DataView(memory.buffer);
    for (let i = 0; i < 16; i++) {
      this.view.setUint8(masksAt + i, 255);
      this.view.setFloat64(powersAt + i * 8, Number(`1e${i}`), true);
    }
    for (const [i, constant] of hashConstants().entries())
      this.view.setUint32(hashConstantsAt + i * 4, constant, true);
  }

  type(type: MessageType): number {
    const known = this.types.get(type);
    if (known !== undefined) return known;
    const at = this.take(typeBytes);
    this.types.set(type, at);
    for (const field of type.fields) this.field(type, field);
    const first = this.take(type.spellings.length * spellingBytes);
    for (const [i, spelling] of type.spellings.entries()) {
      this.text(first + i * spellingBytes, `"${spelling.name}":`, this.fields.get(spelling.field)!);
    }
    const { view } = this;
    view.setUint32(at, first, true);
    view.setUint32(at + 4, first, true);
    view.setUint32(at + 8, type.spellings.length, true);
    view.setUint8(at + 12, type.width);
    view.setUint8(at + 13, Number(type.nests));
    return at;
  }

  private field(type: MessageType, field: Field): void {
    const at = this.take(fieldBytes);
    this.fields.set(field, at);
    const below = field.type !== null ? this.type(field.type) : this.names(field.values);
    const { view } = this;
    view.setUint32(at, field.tag, true);
    view.setUint32(at + 4, field.bit, true);
    view.setUint32(at + 8, below, true);
    view.setUint8(at + 12, kinds.indexOf(field.kind));
    view.setUint8(at + 13, Number(field.repeated));
    view.setUint8(at + 14, Number(field.explicit));
    view.setUint8(at + 15, field.size);
    view.setUint8(at + 16, Number(isAttributes(type, field)));
    view.setUint8(at + 17, Number(field.type === KeyValueType));
  }

  /** The names of an enum, each with the next one. */
  private names(values: ReadonlyMap<string, number> | null): number {
    let next = 0;
    for (const [name, number] of values ?? []) {
      const at = this.take(spellingBytes);
      this.text(at, `"${name}"`, number);
      this.view.setUint32(at + 4, next, true);
      next = at;
    }
    return next;
  }

  private text(at: number, text: string, meaning: number): void {
    if (text.length > spellingBytes - textAt) throw new Error(`${text} is too long for its table`);
    this.view.setUint32(at, meaning, true);
    this.view.setUint32(at + 8, text.length, true);
    Buffer.from(this.memory.buffer).write(text, at + textAt, 'latin1');
  }

  private take(size: number): number {
    const at = this.end;
    this.end += size;
    const lacking = this.end - this.memory.buffer.byteLength;
    if (lacking > 0) {
      this.memory.grow(Math.ceil(lacking / 65_536));
      this.view = new DataView(this.memory.buffer);
    }
    return at;
  }
}

/** Of SHA-256: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
function hashConstants(): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes.map((prime) => Math.floor((Math.cbrt(prime) % 1) * 2 ** 32));
}
