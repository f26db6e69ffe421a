/** How the host lays out programs, and what the records that they run on look like. src/model/quick-program.ts is the other side. */

// A program,
export const programEntryCount: usize = 0; // keys that are known,
export const programConstantCount: usize = 4; // those of them that the program names itself, which come first,
export const programArena: usize = 8; // where the bytes of the next key go,
export const programConstantArena: usize = 12; // and where those of the first one went that the program does not name;
export const programSteps: usize = 16; // a list of its steps: how many, and each,
export const programSweeps: usize = 20; // whether it leaves out what is empty,
export const programTouchesResource: usize = 24;
export const programAttributes: usize = 28; // the tag of the attributes of an item,
export const programSlotTags: usize = 32; // by slot, the tags of the fields of an item,
export const programTags: usize = 64; // by the tag of a field of the item: 0, or 1 more than its slot,
export const programDrops: usize = 192; // how many items each reason dropped,
export const mostDrops: u32 = 64;
export const programLengths: usize = 448; // by its length, whether it looks at a key at all,
export const programTable: usize = 640; // keys by their hash,
export const tableSlots: u32 = 2048;
export const programEntries: usize = 8832;
export const mostEntries: u32 = 1024;
export const programKeys: usize = 57984; // their bytes,
export const keyBytes: usize = 32768;
export const programCode: usize = 90752; // and the steps, tests, values and texts.

// A key,
export const keyNext: usize = 0; // which came behind it last time,
export const keyLength: usize = 4;
export const keyText: usize = 8;
export const keySerial: usize = 16; // the last record that has it: of the items, and 8 bytes on of the resources,
export const keyPart: usize = 20; // and where it is there;
export const keyDecisions: usize = 32; // what was decided of it, by the number of the question: 0 nothing yet, 1 no, 2 yes.
export const entryBytes: usize = 48;
export const mostDecisions: u32 = 16;

// A record, of which one is the item and one the resource,
export const recordCount: usize = 0; // how many parts it has,
export const recordStart: usize = 4;
export const recordEnd: usize = 8;
export const recordChanged: usize = 12;
export const recordSerial: usize = 16;
export const recordSide: usize = 20; // where values that are made anew go,
export const recordSideEnd: usize = 24;
export const recordOffset: usize = 28; // of its serial and part in a key,
export const recordTag: usize = 32; // of its attributes,
export const recordSlots: usize = 64; // the parts of its fields with slots, 0 where it has none;
export const recordParts: usize = 128;
export const mostParts: u32 = 1024;
export const recordSideStart: usize = 24704;
export const sideBytes: usize = 131072;
export const recordBytes: usize = 155776;

// its part: an attribute, or a field with a slot.
export const partFrom: usize = 0; // the field, with its tag,
export const partTo: usize = 4;
export const partState: usize = 8; // one of those below,
export const partKey: usize = 12; // its key, or for a field 1 more than the slot,
export const partValue: usize = 16; // the content of the value, or of the field,
export const partValueEnd: usize = 20;
export const partBytes: usize = 24;

export const asItWas: u32 = 0;
export const deleted: u32 = 1;
export const changed: u32 = 2;

// Nodes of a program begin with what they are. A value that is read:
export const itemAttribute: u32 = 0; // its key,
export const resourceAttribute: u32 = 1;
export const textField: u32 = 2; // its slot,
export const numberField: u32 = 3;
export const innerNumberField: u32 = 4; // its slot, and its tag in the message there,
export const bodyField: u32 = 5;
export const constantValue: u32 = 6; // the content, and its end,
export const joinedValues: u32 = 7; // the text between them with its length, how many, and each,
export const madeValue: u32 = 8; // a value that is a place, number of the replacement.

// A test:
export const testAll: u32 = 0; // how many, and each,
export const testAny: u32 = 1;
export const testNot: u32 = 2; // which,
export const testNil: u32 = 3; // the value,
export const testText: u32 = 4; // the value, the text that it is to be and its length,
export const testBoolean: u32 = 5; // the value, 0 or 1,
export const testInt: u32 = 6; // the value, which order, and at 16 an int64,
export const testDouble: u32 = 7; // or a double,
export const testMatch: u32 = 8; // the value, the number of the question, whether nil, as what is no text, ends the run, its table,
// Orders, which are bits: less, equal, greater.
export const isLess: u32 = 1;
export const isEqual: u32 = 2;
export const isGreater: u32 = 4;

// A step, of which the second word is its test, or 0:
export const setAttribute: u32 = 0; // record, key, value,
export const setTextField: u32 = 1; // slot, value,
export const setNumberField: u32 = 2;
export const setBody: u32 = 3;
export const putAttribute: u32 = 4; // key, content, its end, whether it may be absent and present (bits),
export const changeAttribute: u32 = 5; // key, number of the change,
export const hashAttribute: u32 = 6; // key,
export const deleteAttribute: u32 = 7; // record, key,
export const deleteAttributes: u32 = 8; // record, number of the decision, number of the question,
export const truncateAttributes: u32 = 9; // record, bytes,
export const replaceText: u32 = 10; // value that is a place, number of the replacement, its table, its parts,
export const dropItem: u32 = 11; // which reason,
export const stopItem: u32 = 12;
