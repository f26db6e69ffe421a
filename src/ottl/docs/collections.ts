import type { FunctionDocs } from './doc.ts';

/** Functions of lists and maps. */
export const collectionDocs: FunctionDocs = {
  All: {
    summary: 'Whether the lambda holds for every element; true for none.',
    examples: [['All([1, 2, 3], (i, v) => v > 0)', 'true']],
  },
  Any: {
    summary: 'Whether the lambda holds for some element; false for none.',
    examples: [['Any({"a": 1, "b": 5}, (k, v) => v > 3)', 'true']],
  },
  Coalesce: {
    summary: 'The first value that is not nil.',
    examples: [['Coalesce([attributes["missing"], attributes["method"], "none"])', '"GET"']],
  },
  ContainsValue: {
    summary: 'Whether the value is in the list, by the rules of `==`.',
    examples: [
      ['ContainsValue(attributes["codes"], 404)', 'true'],
      ['ContainsValue(["a", "b"], "c")', 'false'],
    ],
  },
  Filter: {
    summary: 'The elements for which the lambda holds.',
    examples: [['Filter([1, 2, 3], (i, v) => v != 2)', '[1, 3]']],
  },
  Find: {
    summary:
      'The first element for which the lambda holds, or what a second lambda makes of it; nil if there is none.',
    examples: [
      ['Find([1, 5, 7], (i, v) => v > 3)', '5'],
      ['Find([1, 5], (i, v) => v > 3, (i, v) => i)', '1'],
    ],
  },
  Keys: {
    summary: 'The keys of a map, in its order.',
    examples: [['Keys({"a": 1, "b": 2})', '["a", "b"]']],
  },
  MapEach: {
    summary: 'What the lambda makes of each element, under the same keys.',
    examples: [['MapEach([1, 2], (i, v) => v * 10)', '[10, 20]']],
  },
  MapKeys: {
    summary: 'The map under the keys that the lambda makes.',
    examples: [['MapKeys({"a": 1}, (k, v) => Concat(["x", k], "."))', '{"x.a": 1}']],
  },
  Reduce: {
    summary: 'One value of all elements: the lambda gets what came out so far, the key and the value.',
    examples: [['Reduce([1, 2, 3], 0, (sum, i, v) => sum + v)', '6']],
  },
  SliceToMap: {
    summary:
      'A list as a map: under positions, or under the text that `keyPath` leads to; `valuePath` picks a part of each element.',
    examples: [
      ['SliceToMap(["a", "b"])', '{"0": "a", "1": "b"}'],
      ['SliceToMap(attributes["pairs"], ["name"], ["value"])', '{"a": 1}'],
    ],
  },
  Sort: {
    summary: 'The list in order, `asc` or `desc`: by number, or by text as soon as there is one.',
    examples: [
      ['Sort([3, 1, 2])', '[1, 2, 3]'],
      ['Sort(["b", "a"], "desc")', '["b", "a"]'],
    ],
  },
  Values: {
    summary: 'The values of a map, in its order.',
    examples: [['Values({"a": 1, "b": 2})', '[1, 2]']],
  },
  When: {
    summary: 'One value if the lambda holds, the other if not.',
    examples: [['When(() => attributes["status"] >= 500, "bad", "good")', '"good"']],
  },
};
