import type { FunctionDocs } from './doc.ts';

/** Conversions and checks of types. */
export const typeDocs: FunctionDocs = {
  Bool: {
    summary:
      'A bool from a bool, a number (true unless it is 0) or a text such as `true`, `T` or `0`; nil for nil, an error for other texts.',
    examples: [
      ['Bool("true")', 'true'],
      ['Bool(0)', 'false'],
    ],
  },
  Double: {
    summary:
      'A float from a number, a bool or a text as Go reads floats; nil for nil, an error for other texts.',
    examples: [
      ['Double("2.5e3")', '2500.0'],
      ['Double(7)', '7.0'],
    ],
  },
  Int: {
    summary:
      'An int from a number (a float is cut toward zero), a bool or a decimal text; nil for nil and for a text that is no int.',
    examples: [
      ['Int("42")', '42'],
      ['Int(-2.7)', '-2'],
      ['Int("2.0")', 'nil'],
    ],
  },
  String: {
    summary: 'The text of a value: bytes as hex, maps and lists as JSON; nil for nil.',
    examples: [
      ['String(7)', '"7"'],
      ['String(0x0fa3)', '"0fa3"'],
      ['String({"a": [1, 2.5]})', '"{\\"a\\":[1,2.5]}"'],
    ],
  },
  Hex: {
    summary: 'The bytes of a value in hex: of a text its UTF-8, of a number eight bytes, of a bool one.',
    examples: [
      ['Hex("é")', '"c3a9"'],
      ['Hex(255)', '"00000000000000ff"'],
    ],
  },
  IsBool: {
    summary: 'Whether the value is a bool; a literal of another type is refused.',
    examples: [['IsBool(attributes["cached"])', 'true']],
  },
  IsDouble: {
    summary: 'Whether the value is a float; a literal of another type is refused.',
    examples: [
      ['IsDouble(attributes["seconds"])', 'true'],
      ['IsDouble(attributes["status"])', 'false'],
    ],
  },
  IsEmpty: {
    summary: 'Whether the value is nil, `""`, 0, false, or has no elements.',
    examples: [
      ['IsEmpty("")', 'true'],
      ['IsEmpty(attributes["missing"])', 'true'],
      ['IsEmpty([0])', 'false'],
    ],
  },
  IsInt: {
    summary: 'Whether the value is an int; a literal of another type is refused.',
    examples: [['IsInt(attributes["status"])', 'true']],
  },
  IsList: {
    summary: 'Whether the value is a list.',
    examples: [
      ['IsList(attributes["codes"])', 'true'],
      ['IsList("abc")', 'false'],
    ],
  },
  IsMap: {
    summary: 'Whether the value is a map; a literal of another type is refused.',
    examples: [['IsMap(attributes["labels"])', 'true']],
  },
  IsString: {
    summary: 'Whether the value is a text; a literal of another type is refused.',
    examples: [['IsString(attributes["url"])', 'true']],
  },
  Len: {
    summary: 'How many bytes a text has in UTF-8, or how many elements a list or map.',
    examples: [
      ['Len("é")', '2'],
      ['Len([1, 2, 3])', '3'],
    ],
  },
};
