import type { ExactValue } from '../../model/value.ts';
import { toIntLike } from '../coerce.ts';
import { checkUnits, unitsPerValue } from '../budget.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { RefusedArgument, literalString, optional, string } from '../parameters.ts';
import { trimSpace, words } from '../space.ts';
import type { OttlMap } from '../values.ts';

/** ArcSight's Common Event Format; a syslog header may stand before it. */
export const parseCef = converter('ParseCEF', { target: string() }, ({ target }) => {
  return (record) => {
    const message = from('CEF:', target.read(record));
    const [version = '', ...fields] = splitEscaped(message, 7);
    if (fields.length < 6 || version === '')
      throw new OttlFailure('a CEF message has a version and six fields, separated by |', [message]);
    const names = [
      'device_vendor',
      'device_product',
      'device_version',
      'device_event_class_id',
      'name',
      'severity',
    ];
    const result: OttlMap = new Map([['cef.version', version]]);
    for (const [index, name] of names.entries())
      result.set(`cef.${name}`, (fields[index] ?? '').replaceAll(/\\([\\|])/g, '$1'));
    return result.set('cef.extensions', extensions(fields[6] ?? ''));
  };
});

/** What follows the mark, which must be there. */
function from(mark: string, text: string): string {
  const start = text.indexOf(mark);
  if (start < 0) throw new OttlFailure(`${mark} is not in the message`, [text]);
  return text.slice(start + mark.length);
}

/** So many fields between `|`, unless a backslash stands before it; then the rest. */
function splitEscaped(text: string, count: number): string[] {
  const fields: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length && fields.length < count; at++) {
    if (text[at] === '\\' && (text[at + 1] === '|' || text[at + 1] === '\\')) at++;
    else if (text[at] === '|') {
      fields.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...fields, text.slice(start)];
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', '=': '=', '\\': '\\' };

/** `key=value` pairs; a value goes on to the next key, spaces included. */
function extensions(text: string): OttlMap {
  const result: OttlMap = new Map();
  const keys = [...text.matchAll(/(?<=^| )([A-Za-z0-9_]+)=/g)];
  for (const [index, key] of keys.entries()) {
    const value = text.slice(key.index + key[0].length, keys[index + 1]?.index);
    result.set(
      key[1] ?? '',
      withoutLastSpaces(value).replaceAll(/\\([nr=\\])/g, (_, letter: string) => escapes[letter] ?? letter),
    );
  }
  return result;
}

function withoutLastSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end--;
  return text.slice(0, end);
}

/** IBM's Log Event Extended Format, 1.0 and 2.0; a syslog header may stand before it. */
export const parseLeef = converter('ParseLEEF', { target: string() }, ({ target }) => {
  return (record) => {
    const message = from('LEEF:', target.read(record));
    const [version = '', vendor, name, productVersion, eventId, ...rest] = message.split('|');
    if (version !== '1.0' && version !== '2.0')
      throw new OttlFailure(`the version of LEEF is 1.0 or 2.0, found ${version}`, [message]);
    if (eventId === undefined)
      throw new OttlFailure('a LEEF message has four fields after its version, separated by |', [message]);
    const hasDelimiter = version === '2.0' && rest[0]?.includes('=') === false;
    const delimiter = hasDelimiter ? leefDelimiter(rest.shift() ?? '') : '\t';
    const header = [
      ['leef.version', version],
      ['leef.vendor', vendor],
      ['leef.product.name', name],
      ['leef.product.version', productVersion],
      ['leef.event.id', eventId],
    ] as const;
    const result: OttlMap = new Map(header.map(([key, value]) => [key, value ?? '']));
    return result.set('leef.attributes', leefAttributes(rest.join('|'), delimiter));
  };
});

/** One byte, as the character of its number. */
function leefDelimiter(written: string): string {
  if (written === '') return '\t';
  const hex = /^0x([0-9a-f]{2})$/i.exec(written)?.[1];
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  if (!/^0x/i.test(written) && Buffer.byteLength(written) === 1) return written;
  throw new OttlFailure(`the delimiter of LEEF is one byte or 0x and two digits, found ${written}`);
}

/** As bytes, since the delimiter may be half of a character. */
function leefAttributes(text: string, delimiter: string): OttlMap {
  const result: OttlMap = new Map();
  for (const pair of Buffer.from(text).toString('latin1').split(delimiter)) {
    const equal = pair.indexOf('=');
    if (equal > 0) result.set(fromBytes(pair.slice(0, equal)), fromBytes(pair.slice(equal + 1)));
  }
  return result;
}

function fromBytes(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}

const quotedField = '"((?:[^"\\\\]|\\\\[^\\n])*)"';
const bare = '([^\\t\\n\\f\\r ]+)';
const commonFields = `^${bare} ${bare} ${bare} \\[([^\\]]+)\\] ${quotedField} ${bare} ${bare}`;
const lines = {
  clf: new RegExp(`${commonFields}$`),
  combined: new RegExp(`${commonFields} ${quotedField} ${quotedField}$`),
};

/** A line of a web server's access log: the common format, or the combined one. */
export const parseClf = converter(
  'ParseCLF',
  { target: string(), format: optional(literalString()) },
  ({ target, format = 'clf' }) => {
    if (format !== 'clf' && format !== 'combined')
      throw new RefusedArgument(`the format is clf or combined, found ${format}`, 'format');
    return (record) => {
      const text = target.read(record);
      const match = lines[format].exec(trimSpace(text));
      if (match === null) throw new OttlFailure(`this is no line in the format ${format}`, [text]);
      return accessEntry(match);
    };
  },
);

type SevenTexts = [string, string, string, string, string, string, string];

function accessEntry(match: RegExpExecArray): OttlMap {
  const [host, logname, user, time, quoted, status, bytes] = match.slice(1, 8) as SevenTexts;
  const request = unescaped(quoted);
  const result = new Map<string, ExactValue>([
    ['clf.remote_host', host],
    ['clf.rfc931', logname],
    ['clf.auth_user', user],
    ['clf.timestamp', time],
    ['clf.request', request],
  ]);
  const [method = '', uri, ...protocol] = request.split(' ');
  if (uri !== undefined && protocol.length > 0) {
    result.set('clf.method', method).set('clf.request_uri', uri).set('clf.protocol', protocol.join(' '));
  }
  result.set('clf.status', wholeNumber(status));
  if (bytes !== '-') result.set('clf.bytes', wholeNumber(bytes));
  if (match[8] !== undefined) {
    result.set('clf.referer', unescaped(match[8])).set('clf.user_agent', unescaped(match[9] ?? ''));
  }
  return result;
}

function wholeNumber(text: string): bigint {
  const value = toIntLike(text);
  if (value === undefined) throw new OttlFailure(`${JSON.stringify(text)} is no int`, [text]);
  return value;
}

const controls: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  '"': '"',
  '\\': '\\',
};

/** An escape that is unknown stays as it is. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes = text
    .split(/(\\(?:x[0-9a-fA-F]{2}|[^]))/)
    .map((part) =>
      /^\\x[0-9a-fA-F]{2}$/.test(part)
        ? Buffer.from(part.slice(2), 'hex')
        : Buffer.from(part.startsWith('\\') ? (controls[part.slice(1)] ?? part) : part),
    );
  return Buffer.concat(bytes).toString();
}

const directives: ReadonlyMap<string, string> = new Map([
  ['version', 'elf.version'],
  ['software', 'elf.software'],
  ['date', 'elf.date'],
  ['start-date', 'elf.start_date'],
  ['end-date', 'elf.end_date'],
  ['remark', 'elf.remark'],
]);

/** A whole block in the W3C's Extended Log Format: directives, then lines of fields. */
export const parseElf = converter('ParseELF', { target: string() }, ({ target }) => {
  return (record) => {
    const entries: ExactValue[] = [];
    const result: OttlMap = new Map([['elf.entries', entries]]);
    let fields: string[] = [];
    for (const untrimmed of target.read(record).split(/\r\n?|\n/)) {
      const line = trimSpace(untrimmed);
      if (line === '') continue;
      if (!line.startsWith('#')) {
        entries.push(elfEntry(line, fields));
        checkUnits(entries.length * (fields.length + 1) * unitsPerValue);
      } else {
        const [name, value] = elfDirective(line);
        const key = directives.get(name);
        if (name === 'fields') fields = words(value);
        else if (key !== undefined) result.set(key, value);
      }
    }
    if (!result.has('elf.version')) throw new OttlFailure('an ELF block must have the directive #Version');
    return result.set('elf.fields', fields);
  };
});

/** Its name in small letters, '' if there is no colon. */
function elfDirective(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  if (colon >= 0) return [smallLetters(trimSpace(line.slice(1, colon))), trimSpace(line.slice(colon + 1))];
  if (smallLetters(trimSpace(line.slice(1))).startsWith('fields'))
    throw new OttlFailure('the directive #Fields of an ELF block lacks its colon', [line]);
  return ['', ''];
}

/** As Go folds case: the long s is an s. */
function smallLetters(text: string): string {
  return text.toLowerCase().replaceAll('ſ', 's');
}

const elfToken = /[ \t]*(?:"((?:[^"]|"")*)"(?!")|([^" \t][^ \t]*))/y;

function elfEntry(line: string, fields: readonly string[]): OttlMap {
  if (fields.length === 0)
    throw new OttlFailure('an ELF block must name its #Fields before their values', [line]);
  const values: string[] = [];
  elfToken.lastIndex = 0;
  while (elfToken.lastIndex < line.length) {
    const [, quoted, plain = ''] = elfToken.exec(line) ?? [undefined, undefined, undefined];
    if (elfToken.lastIndex === 0) throw new OttlFailure('a quoted value of an ELF block has no end', [line]);
    values.push(quoted?.replaceAll('""', '"') ?? plain);
  }
  return new Map(fields.map((field, index) => [field, values[index] ?? '-']));
}
