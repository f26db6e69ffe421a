import type { FunctionDocs } from './doc.ts';

/** Functions that take texts in some format apart. */
export const parsingDocs: FunctionDocs = {
  ConvertAttributesToElementsXML: {
    summary: 'The XML with attributes turned into elements, all of them or those that an XPath selects.',
    examples: [['ConvertAttributesToElementsXML("<a id=\\"7\\"><b/></a>")', '"<a><b></b><id>7</id></a>"']],
  },
  ConvertTextToElementsXML: {
    summary:
      'The XML with texts that stand beside others wrapped in elements, in all of it or where an XPath says.',
    examples: [
      ['ConvertTextToElementsXML("<a>x<b>1</b></a>", "/a", "text")', '"<a><text>x</text><b>1</b></a>"'],
    ],
  },
  ExtractGrokPatterns: {
    summary:
      'What a grok pattern finds in a text, as a map; the complete set of patterns is known, others can be defined.',
    examples: [
      [
        'ExtractGrokPatterns("10.0.0.1 GET 42", "%{IP:client} %{WORD:method} %{NUMBER:size:int}", true)',
        '{"client": "10.0.0.1", "method": "GET", "size": 42}',
      ],
      ['ExtractGrokPatterns("id-7", "%{ID:id}", true, ["ID=id-[0-9]+"])', '{"id": "id-7"}'],
    ],
  },
  ExtractPatterns: {
    summary: 'The named groups of an RE2 pattern, as a map; empty if the pattern does not match.',
    examples: [
      [
        'ExtractPatterns("GET /cart", "^(?P<method>\\\\w+) (?P<path>\\\\S+)$")',
        '{"method": "GET", "path": "/cart"}',
      ],
    ],
  },
  GetXML: {
    summary: 'What an XPath selects, as XML.',
    examples: [['GetXML("<a><b>1</b><b>2</b></a>", "/a/b")', '"<b>1</b><b>2</b>"']],
  },
  InsertXML: {
    summary: 'The XML with another added at the end of each element that an XPath selects.',
    examples: [['InsertXML("<a><b>1</b></a>", "/a", "<c/>")', '"<a><b>1</b><c></c></a>"']],
  },
  ParseCEF: {
    summary: `A message in ArcSight's Common Event Format, as a map.`,
    examples: [
      [
        'ParseCEF("CEF:0|Acme|Wall|1.0|100|blocked|5|src=10.0.0.1 act=drop")',
        '{"cef.version": "0", "cef.device_vendor": "Acme", "cef.device_product": "Wall", "cef.device_version": "1.0", "cef.device_event_class_id": "100", "cef.name": "blocked", "cef.severity": "5", "cef.extensions": {"src": "10.0.0.1", "act": "drop"}}',
      ],
    ],
  },
  ParseCLF: {
    summary: "A line of a web server's access log, as a map; the format is `clf` or `combined`.",
    examples: [
      [
        'ParseCLF("127.0.0.1 - ada [10/Oct/2024:13:55:36 +0000] \\"GET / HTTP/1.1\\" 200 12")',
        '{"clf.remote_host": "127.0.0.1", "clf.rfc931": "-", "clf.auth_user": "ada", "clf.timestamp": "10/Oct/2024:13:55:36 +0000", "clf.request": "GET / HTTP/1.1", "clf.method": "GET", "clf.request_uri": "/", "clf.protocol": "HTTP/1.1", "clf.status": 200, "clf.bytes": 12}',
      ],
    ],
  },
  ParseCSV: {
    summary:
      'A line of CSV as a map with the keys of a header; the mode is `strict`, `lazyQuotes` or `ignoreQuotes`.',
    examples: [['ParseCSV("1;\\"a b\\"", "id;name", ";")', '{"id": "1", "name": "a b"}']],
  },
  ParseELF: {
    summary: `A block in the W3C's Extended Log Format, as a map.`,
    examples: [
      [
        'ParseELF("#Version: 1.0\\n#Fields: time cs-method\\n12:00:00 GET")',
        '{"elf.entries": [{"time": "12:00:00", "cs-method": "GET"}], "elf.version": "1.0", "elf.fields": ["time", "cs-method"]}',
      ],
    ],
  },
  ParseInt: {
    summary: 'The int that a text is in a base from 2 to 36; with 0 the text says its base.',
    examples: [
      ['ParseInt("ff", 16)', '255'],
      ['ParseInt("0b101", 0)', '5'],
    ],
  },
  ParseJSON: {
    summary: 'A JSON object or array as a map or list; all numbers become floats.',
    examples: [
      ['ParseJSON("{\\"id\\": 7, \\"tags\\": [\\"a\\"]}")', '{"id": 7.0, "tags": ["a"]}'],
      ['ParseJSON("{\\"a\\": {\\"b\\": true}}")["a"]["b"]', 'true'],
    ],
  },
  ParseKeyValue: {
    summary: 'The pairs in a text, as a map; quotes hold a value together.',
    examples: [
      ['ParseKeyValue("level=info msg=\\"all is well\\"")', '{"level": "info", "msg": "all is well"}'],
      ['ParseKeyValue("a:1;b:2", ":", ";")', '{"a": "1", "b": "2"}'],
    ],
  },
  ParseLEEF: {
    summary: `A message in IBM's Log Event Extended Format, as a map.`,
    examples: [
      [
        'ParseLEEF("LEEF:2.0|Acme|Wall|1.0|100|^|src=10.0.0.1^act=drop")',
        '{"leef.version": "2.0", "leef.vendor": "Acme", "leef.product.name": "Wall", "leef.product.version": "1.0", "leef.event.id": "100", "leef.attributes": {"src": "10.0.0.1", "act": "drop"}}',
      ],
    ],
  },
  ParseSeverity: {
    summary: 'The level to which a mapping assigns a text or an int.',
    examples: [
      [
        'ParseSeverity(503, {"error": [{"range": "5xx"}], "info": [{"range": {"min": 200, "max": 299}}]})',
        '"error"',
      ],
      ['ParseSeverity("warning", {"warn": [{"equals": ["warn", "warning"]}]})', '"warn"'],
    ],
  },
  ParseSimplifiedXML: {
    summary: 'The elements of XML as a map, without attributes; elements of the same name become a list.',
    examples: [
      [
        'ParseSimplifiedXML("<log><id>7</id><tag>a</tag><tag>b</tag></log>")',
        '{"log": {"id": "7", "tag": ["a", "b"]}}',
      ],
    ],
  },
  ParseXML: {
    summary: 'XML as a map of `tag`, `attributes`, `content` and `children`.',
    examples: [
      [
        'ParseXML("<log id=\\"7\\">started</log>")',
        '{"tag": "log", "content": "started", "attributes": {"id": "7"}}',
      ],
    ],
  },
  RemoveXML: {
    summary: 'The XML without what an XPath selects.',
    examples: [['RemoveXML("<a><b>1</b><c/></a>", "/a/b")', '"<a><c></c></a>"']],
  },
  ToKeyValueString: {
    summary: 'A map as pairs; `sortOutput` puts them in the order of their keys.',
    examples: [['ToKeyValueString({"b": 2, "a": "x y"}, "=", " ", true)', '"a=\\"x y\\" b=2"']],
  },
  URL: {
    summary: 'The parts of a URL, as a map by the semantic conventions.',
    examples: [
      [
        'URL("https://shop.example.com:8443/cart.html?id=7")',
        '{"url.original": "https://shop.example.com:8443/cart.html?id=7", "url.domain": "shop.example.com", "url.scheme": "https", "url.path": "/cart.html", "url.port": 8443, "url.query": "id=7", "url.extension": "html"}',
      ],
    ],
  },
  UserAgent: {
    summary:
      'What a `User-Agent` header says of the browser and the system, as a map by the semantic conventions.',
    examples: [
      [
        'UserAgent("curl/7.81.0")',
        '{"user_agent.name": "curl", "user_agent.version": "7.81.0", "user_agent.original": "curl/7.81.0", "os.name": "Other"}',
      ],
    ],
  },
};
