import type { FunctionDocs } from './doc.ts';

/** The editors. */
export const editorDocs: FunctionDocs = {
  append: {
    summary:
      'Adds a value or several at the end of a list; a scalar becomes the first element of a new list.',
    examples: [
      ['append(attributes["codes"], 500)', 'codes = [404, 503, 500]'],
      ['append(attributes["method"], values = ["POST", "PUT"])', 'method = ["GET", "POST", "PUT"]'],
    ],
  },
  delete_index: {
    summary: 'Removes the elements of a list from a position up to another, one without it.',
    examples: [
      ['delete_index(attributes["codes"], 0)', 'codes = [503]'],
      ['delete_index(attributes["codes"], 0, 2)', 'codes = []'],
    ],
  },
  delete_key: {
    summary: 'Removes a key of a map.',
    examples: [['delete_key(attributes, "method")', 'without method']],
  },
  delete_matching_keys: {
    summary: 'Removes the keys in which an RE2 pattern occurs.',
    examples: [['delete_matching_keys(attributes, "^(s|u)")', 'without url, status, seconds']],
  },
  flatten: {
    summary: 'Moves what is in nested maps and lists up, under keys joined by dots.',
    examples: [
      [
        'flatten(attributes, depth = 1)',
        'codes.0 = 404; codes.1 = 503; labels.env = "prod"; labels.tier = 1; pairs.0 = {"name": "a", "value": 1}; without codes, labels, pairs',
      ],
      ['flatten(attributes["pairs"][0], "pair")', 'pairs = [{"pair.name": "a", "pair.value": 1}]'],
    ],
  },
  keep_keys: {
    summary: 'Removes all keys but these.',
    examples: [
      ['keep_keys(attributes, ["method", "status"])', 'without url, seconds, cached, codes, labels, pairs'],
    ],
  },
  keep_matching_keys: {
    summary: 'Removes the keys in which an RE2 pattern does not occur.',
    examples: [['keep_matching_keys(attributes, "^s")', 'without method, url, cached, codes, labels, pairs']],
  },
  limit: {
    summary: 'Keeps so many entries: those of the list first, then the first of the others.',
    examples: [['limit(attributes, 2, ["status"])', 'without url, seconds, cached, codes, labels, pairs']],
  },
  merge_maps: {
    summary:
      'Writes the entries of a map into another: `insert` only new keys, `update` only known ones, `upsert` all.',
    examples: [['merge_maps(attributes, {"method": "POST", "route": "/cart"}, "insert")', 'route = "/cart"']],
  },
  replace_all_matches: {
    summary: 'Replaces the texts of a map that a glob matches as a whole.',
    examples: [['replace_all_matches(attributes, "*example*", "{url}")', 'url = "{url}"']],
  },
  replace_all_patterns: {
    summary: 'Replaces what an RE2 pattern finds in all keys or all texts of a map.',
    examples: [
      ['replace_all_patterns(attributes, "value", "[0-9]+", "{n}")', 'url = "https://example.com/cart/{n}"'],
      [
        'replace_all_patterns(attributes, "key", "^(\\\\w)", "http.$1")',
        'http.method = "GET"; http.url = "https://example.com/cart/7"; http.status = 404; http.seconds = 1.5; http.cached = false; http.codes = [404, 503]; http.labels = {"env": "prod", "tier": 1}; http.pairs = [{"name": "a", "value": 1}]; without method, url, status, seconds, cached, codes, labels, pairs',
      ],
    ],
  },
  replace_match: {
    summary: 'Replaces a text that a glob matches as a whole.',
    examples: [['replace_match(attributes["url"], "https://*/cart/*", "/cart/{id}")', 'url = "/cart/{id}"']],
  },
  replace_pattern: {
    summary:
      'Replaces what an RE2 pattern finds in a text; groups are `$1` and `${name}`, a function may work on the replacement.',
    examples: [
      [
        'replace_pattern(attributes["url"], "/cart/(\\\\d+)", "/cart/{id}")',
        'url = "https://example.com/cart/{id}"',
      ],
      [
        'replace_pattern(attributes["method"], "^(.*)$", "$1", ToLowerCase, "method:%s")',
        'method = "method:get"',
      ],
    ],
  },
  set: {
    summary: 'Writes a value to a path; nil changes nothing unless the gate `ottl.set.allowNil` is on.',
    examples: [
      ['set(attributes["route"], "/cart")', 'route = "/cart"'],
      ['set(attributes["slow"], true) where attributes["seconds"] > 1', 'slow = true'],
    ],
  },
  set_semconv_span_name: {
    summary: 'Names a span by the semantic conventions; the older name can be kept as an attribute.',
    examples: [
      [
        'set_semconv_span_name("1.37.0", "name.before")',
        'span.name = "GET /cart/{id}"; name.before = "GET /cart/7"',
      ],
    ],
  },
  stringify_all: {
    summary: 'Makes texts of all values of a map.',
    examples: [
      [
        'stringify_all(attributes)',
        'status = "404"; seconds = "1.5"; cached = "false"; codes = "[404,503]"; labels = "{\\"env\\":\\"prod\\",\\"tier\\":1}"; pairs = "[{\\"name\\":\\"a\\",\\"value\\":1}]"',
      ],
    ],
  },
  truncate_all: {
    summary:
      'Cuts the texts of a map to so many bytes, between characters unless `utf8Safe` is false; a marker at the end counts.',
    examples: [
      ['truncate_all(attributes, 8)', 'url = "https://"'],
      ['truncate_all(attributes, 8, true, "...")', 'url = "https..."'],
    ],
  },
};
