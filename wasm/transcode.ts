/**
 * The quick way from OTLP JSON to OTLP protobuf, in AssemblyScript: `npm run wasm` makes src/model/quick-code.ts of all of this.
 *
 * It does what the Transcoder of src/model does for what producers write almost always, and stops with a trap at
 * everything else (members that come twice, integers with a fraction or of more than 64 bits, what is not JSON or not UTF-8):
 * then the Transcoder reads the same text, and finds what is wrong with it. What comes out is the same, byte by byte.
 *
 * The host lays out the tables of the schema, which are described where they are read. Behind the text there are zeros, at
 * which every token ends, so that no end has to be looked for; what leads beyond the memory traps as well.
 */
import {
  at,
  colon,
  fail,
  isText,
  more,
  next,
  open,
  outEnd,
  passBoolean,
  passNull,
  patch,
  pos,
  quote,
  skipString,
  tag,
  writeTo,
} from './cursor';
import {
  fieldBit,
  fieldExplicit,
  fieldIsAttributes,
  fieldIsKeyValues,
  fieldKind,
  fieldRepeated,
  fieldSize,
  fieldTag,
  fieldType,
  kindBool,
  kindBytes,
  kindDouble,
  kindDoubles,
  kindEnum,
  kindFixed32,
  kindFixed64,
  kindFixed64s,
  kindId,
  kindInt64,
  kindMessage,
  kindSfixed64,
  kindSint32,
  kindString,
  kindStrings,
  kindUint32,
  spellingBytes,
  spellingField,
  spellingNext,
  typeCount,
  typeFirst,
  typeNests,
  typeSpellings,
  typeWidth,
} from './layout';
import {
  boolean,
  decimal,
  double,
  fixed64,
  integer,
  signed32,
  signed64,
  unsigned32,
  unsigned64,
  varint,
} from './numbers';
import { base64, base64Ids, id, name, string } from './texts';

// `{"key":"` and what follows behind a key, as little-endian words.
const openKey: u64 = 0x223a2279656b227b;
const commaValue: u64 = 0x2265756c6176222c;
const colonOpen: u16 = 0x7b3a;
const quotedString: u64 = 0x56676e6972747322;
const valueQuote: u64 = 0x223a2265756c6156;

const twoClosed: u16 = 0x7d7d;

let depth: u32 = 0;
let maxDepth: u32 = 0;
let maxAttributes: u32 = 0;
/** How long the list of attributes was that was read last. */
let listed: u32 = 0;
/** KeyValue.key, KeyValue.value and AnyValue.stringValue. */
let keyField: usize = 0;
let valueField: usize = 0;
let stringValueField: usize = 0;

export function setUp(key: usize, value: usize, stringValue: usize): void {
  keyField = key;
  valueField = value;
  stringValueField = stringValue;
}

/**
 * Reads the elements of a list, of which the first begins at `from`, with the bracket behind them; writes each with tag and
 * length, from `out` on. Answers where the bracket ended; `written` tells where the output does.
 */
export function elements(from: usize, field: usize, out: usize, room: usize): usize {
  begin(from, out, room);
  do child(field);
  while (more(93));
  return at;
}

/** The same for one element, and nothing behind it. */
export function element(from: usize, field: usize, out: usize, room: usize): usize {
  begin(from, out, room);
  child(field);
  return at;
}

function begin(from: usize, out: usize, room: usize): void {
  at = from;
  writeTo(out, room);
  depth = 0;
  base64Ids = 0;
}

export function limit(values: u32, attributes: u32): void {
  maxDepth = values;
  maxAttributes = attributes;
}

export function written(): usize {
  return pos;
}

export function idsInBase64(): u32 {
  return base64Ids;
}

/** Answers 0 for a name that is not known, with the colon behind it passed. */
function otherSpelling(type: usize): usize {
  let spelling: usize = load<u32>(type, typeSpellings);
  const end = spelling + load<u32>(type, typeCount) * (spellingBytes as u32);
  for (; spelling < end; spelling += spellingBytes) if (isText(spelling)) return spelling;
  // In another spelling of JSON it might be known.
  if (load<u8>(at) !== quote || !skipString() || load<u8>(at) !== colon) fail();
  at++;
  return 0;
}

function skipName(): void {
  if (next() !== quote) fail();
  skipString();
  if (next() !== colon) fail();
  at++;
}

/** Passes a value of any kind, nested in so many others. */
function skip(depth: u32): void {
  const first = next();
  if (first === 123 || first === 91) {
    if (depth === maxDepth) fail();
    if (!open(first)) return;
    do {
      if (first === 123) skipName();
      skip(depth + 1);
    } while (more(first + 2));
  } else if (first === quote) skipString();
  else if (first === 116 || first === 102) passBoolean(first);
  else if (first === 110) passNull();
  else decimal();
}

/** The members of an object that is open; those in `seen` have been there. */
function members(type: usize, seen: u32): void {
  let guess: usize = load<u32>(type, typeFirst);
  let last: usize = 0;
  let attributes: u32 = 0;
  do {
    next();
    let spelling = guess;
    if (guess === 0 || !isText(guess)) {
      spelling = otherSpelling(type);
      if (spelling === 0) {
        skip(0);
        continue;
      }
      if (last === 0) store<u32>(type, spelling as u32, typeFirst);
      else store<u32>(last, spelling as u32, spellingNext);
    }
    last = spelling;
    guess = load<u32>(spelling, spellingNext);
    const field: usize = load<u32>(spelling, spellingField);
    const bit = load<u32>(field, fieldBit);
    if ((seen & bit) !== 0) fail();
    seen |= bit;
    listed = 0;
    value(field);
    if (load<u8>(field, fieldIsAttributes) !== 0) {
      attributes += listed;
      if (attributes > maxAttributes) fail();
    }
  } while (more(125));
}

function fields(type: usize): void {
  if (open(123)) members(type, 0);
}

function value(field: usize): void {
  const first = next();
  if (first === 110) {
    passNull();
    return;
  }
  const kind: u32 = load<u8>(field, fieldKind);
  if (kind === kindMessage) {
    if (load<u8>(field, fieldRepeated) !== 0) list(field);
    else child(field);
  } else if (kind >= kindStrings) numbers(field, kind);
  else {
    const begin = pos;
    tag(load<u32>(field, fieldTag));
    if (!scalar(field, kind, first) && load<u8>(field, fieldExplicit) === 0) pos = begin;
  }
}

function list(field: usize): void {
  if (!open(91)) return;
  if (load<u8>(field, fieldIsKeyValues) !== 0) {
    let count: u32 = 0;
    do {
      attribute(field);
      count++;
    } while (more(93));
    listed = count;
  } else {
    const nests = load<u8>(load<u32>(field, fieldType) as usize, typeNests) !== 0;
    do {
      if (nests && next() === 110) emptyChild(field);
      else child(field);
    } while (more(93));
  }
}

/** A null among values, which some SDKs write for the empty value. */
function emptyChild(field: usize): void {
  passNull();
  tag(load<u32>(field, fieldTag));
  store<u8>(pos++, 0);
}

/** One message with tag and length. */
function child(field: usize): void {
  const type: usize = load<u32>(field, fieldType);
  const width: usize = load<u8>(type, typeWidth);
  tag(load<u32>(field, fieldTag));
  const mark = pos;
  pos += width;
  if (load<u8>(type, typeNests) !== 0) {
    if (++depth > maxDepth) fail();
    fields(type);
    depth--;
  } else fields(type);
  patch(mark, width);
}

/** `child` for a KeyValue, of which telemetry consists for the most part: `{"key":"...","value":{...}}` at once. */
function attribute(field: usize): void {
  next();
  if (load<u64>(at) !== openKey) {
    child(field);
    return;
  }
  at += 7;
  tag(load<u32>(field, fieldTag));
  const mark = pos;
  store<u8>(pos, load<u8>(keyField, fieldTag), 1);
  pos += 2;
  if (!string()) pos = mark + 1;
  if (load<u64>(at) !== commaValue || load<u16>(at, 8) !== colonOpen) {
    if (more(125)) members(load<u32>(field, fieldType), load<u32>(keyField, fieldBit));
    patch(mark, 1);
    return;
  }
  if (load<u64>(at, 10) === quotedString && load<u64>(at, 17) === valueQuote && depth < maxDepth) {
    at += 24;
    const begin = pos;
    store<u8>(begin, load<u8>(valueField, fieldTag));
    store<u8>(begin, load<u8>(stringValueField, fieldTag), 2);
    pos += 3;
    string();
    if (load<u16>(at) === twoClosed) {
      at += 2;
      patch(begin + 1, 1);
      patch(mark, 1);
      return;
    }
    if (more(125)) fail();
    patch(begin + 1, 1);
  } else {
    at += 9;
    child(valueField);
  }
  if (more(125)) fail();
  patch(mark, 1);
}

/** Writes a value; false when it is the default one. */
function scalar(field: usize, kind: u32, first: u32): bool {
  switch (kind) {
    case kindString:
      return string();
    case kindId:
      return id(load<u8>(field, fieldSize));
    case kindBool:
      return boolean(first);
    case kindDouble:
      return double(first);
    case kindEnum:
      if (first === quote && load<u8>(at, 1) > 57) return name(load<u32>(field, fieldType));
      return varint(signed32(integer(first)));
    case kindSint32: {
      const number = signed32(integer(first));
      return varint(((number << 1) ^ (number >> 63)) as u32);
    }
    case kindUint32:
      return varint(unsigned32(integer(first)));
    case kindFixed32: {
      const number = unsigned32(integer(first));
      store<u32>(pos, number as u32);
      pos += 4;
      return number !== 0;
    }
    case kindInt64:
      return varint(signed64(integer(first)));
    case kindSfixed64:
      return fixed64(signed64(integer(first)));
    case kindFixed64:
      return fixed64(unsigned64(integer(first)));
    case kindBytes:
      return base64();
    default:
      fail();
      return false;
  }
}

/** A list of texts, or of numbers, which protobuf packs into one field. */
function numbers(field: usize, kind: u32): void {
  if (!open(91)) return;
  if (kind === kindStrings) {
    do {
      tag(load<u32>(field, fieldTag));
      next();
      string();
    } while (more(93));
    return;
  }
  tag(load<u32>(field, fieldTag));
  const mark = pos++;
  do {
    // Numbers in lists are all that takes more room than its JSON.
    if (pos + 4096 > outEnd) fail();
    const first = next();
    if (kind === kindDoubles) double(first);
    else if (kind === kindFixed64s) fixed64(unsigned64(integer(first)));
    else varint(unsigned64(integer(first)));
  } while (more(93));
  patch(mark, 1);
}
