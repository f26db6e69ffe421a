/** How the host lays out the schema in memory. */

// The tables: a message type,
export const typeFirst: usize = 0; // its spelling that came first last time,
export const typeSpellings: usize = 4; // all of them,
export const typeCount: usize = 8; // how many these are,
export const typeWidth: usize = 12; // how many bytes its length usually takes,
export const typeNests: usize = 13; // whether it can hold itself;
// a field,
export const fieldTag: usize = 0;
export const fieldBit: usize = 4; // which singular field it is, 0 if repeated,
export const fieldType: usize = 8; // its message type, or the first name of its enum,
export const fieldKind: usize = 12; // which of the kinds below,
export const fieldRepeated: usize = 13;
export const fieldExplicit: usize = 14; // written even when it is zero,
export const fieldSize: usize = 15; // bytes of an id,
export const fieldIsAttributes: usize = 16; // counts against the limit of attributes,
export const fieldIsKeyValues: usize = 17;
// a spelling of a field, or a name of an enum: its text with quotes (and colon) stands behind it, padded with zeros.
export const spellingField: usize = 0; // for an enum its number,
export const spellingNext: usize = 4; // which spelling came after it last time, for an enum the next of its names; 0 for none,
export const spellingLength: usize = 8;
export const spellingText: usize = 16;
export const spellingBytes: usize = 64;

export const kindString: u32 = 0;
export const kindId: u32 = 1;
export const kindBool: u32 = 2;
export const kindDouble: u32 = 3;
export const kindEnum: u32 = 4;
export const kindSint32: u32 = 5;
export const kindUint32: u32 = 6;
export const kindFixed32: u32 = 7;
export const kindInt64: u32 = 8;
export const kindSfixed64: u32 = 9;
export const kindFixed64: u32 = 10;
export const kindBytes: u32 = 11;
export const kindMessage: u32 = 12;
export const kindStrings: u32 = 13;
export const kindDoubles: u32 = 14;
export const kindFixed64s: u32 = 15;
export const kindUint64s: u32 = 16;

/** 16 bytes of ones, and 16 of zeros behind them. */
export const masks: usize = 64;
/** Powers of ten, the first at 10^0, to 10^15. */
export const powers: usize = 128;
/** What SHA-256 adds in each round, and room for the words of a block. */
export const hashConstants: usize = 512;
export const hashWords: usize = 768;
