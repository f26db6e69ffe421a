import type { FunctionDocs } from './doc.ts';

/** Functions of texts. */
export const textDocs: FunctionDocs = {
  Base64Decode: {
    summary: 'The text that base64 with padding stands for; the newer name is `Decode(target, "base64")`.',
    examples: [['Base64Decode("aGVsbG8=")', '"hello"']],
  },
  Base64Encode: {
    summary:
      'The UTF-8 of a text in base64; the variants are `base64`, `base64-raw`, `base64-url` and `base64-raw-url`.',
    examples: [
      ['Base64Encode("hello")', '"aGVsbG8="'],
      ['Base64Encode("hi?", "base64-raw-url")', '"aGk_"'],
    ],
  },
  Concat: {
    summary: 'All values as texts with a delimiter between them; nil is `<nil>`.',
    examples: [
      ['Concat(["a", 1, true], "-")', '"a-1-true"'],
      ['Concat([attributes["missing"], "x"], ":")', '"<nil>:x"'],
    ],
  },
  ConvertCase: {
    summary: 'The text in `lower`, `upper`, `snake` or `camel` case.',
    examples: [
      ['ConvertCase("HTTPStatus", "snake")', '"http_status"'],
      ['ConvertCase("http_status", "camel")', '"HttpStatus"'],
    ],
  },
  Decode: {
    summary:
      'The text that bytes (or the bytes of a text) stand for, by a variant of base64 or a character set of the IANA registry.',
    examples: [
      ['Decode("aGVsbG8=", "base64")', '"hello"'],
      ['Decode(0x66fc72, "iso-8859-1")', '"für"'],
    ],
  },
  Format: {
    summary: "Values put into a format with the verbs of Go's `fmt`.",
    examples: [['Format("%s has %d items (%.1f %%)", ["cart", 3, 99.5])', '"cart has 3 items (99.5 %)"']],
  },
  HasPrefix: {
    summary: 'Whether the text begins with the other.',
    examples: [['HasPrefix("/api/users", "/api/")', 'true']],
  },
  HasSuffix: {
    summary: 'Whether the text ends with the other.',
    examples: [['HasSuffix("photo.png", ".png")', 'true']],
  },
  Index: {
    summary: 'The position of a text in a text, in bytes, or of a value in a list; -1 if it is not there.',
    examples: [
      ['Index("één", "n")', '4'],
      ['Index(["a", "b"], "c")', '-1'],
    ],
  },
  IsMatch: {
    summary: 'Whether an RE2 pattern occurs in the text of the value; false for nil.',
    examples: [
      ['IsMatch("GET /health", "^GET .*health$")', 'true'],
      ['IsMatch(503, "^5")', 'true'],
    ],
  },
  Split: {
    summary: 'The parts of a text between the delimiters; an empty delimiter separates all characters.',
    examples: [
      ['Split("a,b,c", ",")', '["a", "b", "c"]'],
      ['Split("ab", "")', '["a", "b"]'],
    ],
  },
  Substring: {
    summary: 'So many bytes of a text from a position on; with `utf8Safe` no character is cut apart.',
    examples: [
      ['Substring("respool", 2, 4)', '"spoo"'],
      ['Substring("é1", 0, 1, true)', '""'],
    ],
  },
  ToCamelCase: {
    summary: 'The text in CamelCase, by the rules of ASCII.',
    examples: [['ToCamelCase("http_status code")', '"HttpStatusCode"']],
  },
  ToLowerCase: {
    summary: 'The text in small letters.',
    examples: [['ToLowerCase("ÀB")', '"àb"']],
  },
  ToSnakeCase: {
    summary: 'The text in snake_case, by the rules of ASCII.',
    examples: [['ToSnakeCase("HTTPStatusCode")', '"http_status_code"']],
  },
  ToUpperCase: {
    summary: 'The text in capitals.',
    examples: [['ToUpperCase("get")', '"GET"']],
  },
  Trim: {
    summary: 'The text without the characters of the second argument (spaces without it) at both ends.',
    examples: [
      ['Trim("  a b ")', '"a b"'],
      ['Trim("[x]", "[]")', '"x"'],
    ],
  },
  TrimPrefix: {
    summary: 'The text without the prefix, if it begins with it.',
    examples: [['TrimPrefix("service-cart", "service-")', '"cart"']],
  },
  TrimSuffix: {
    summary: 'The text without the suffix, if it ends with it.',
    examples: [['TrimSuffix("cart.example.com", ".com")', '"cart.example"']],
  },
};
