import type { ExactValue } from '../../model/value.ts';
import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';
import { RefusedArgument, literalString, optional, string } from '../parameters.ts';
import type { OttlMap } from '../values.ts';

/** ArcSight's Common Event Format; a syslog header may stand before it. */
export const parseCef = converter('ParseCEF', { target: string() }, ({ target }) => {
  return (record) => {
    const message = from('CEF:', target.read(record));
    const fields = splitEscaped(message, 7);
    const [version = ''] = fields;
    if (fields.length < 7 || !/^[0-9]+$/.test(version))
      throw new OttlFailure('a CEF message has a version and six fields, separated by |', [message]);
    const names = [
      'version',
      'device_vendor',
      'device_product',
      'device_version',
      'device_event_class_id',
      'name',
      'severity',
    ];
    const result: OttlMap = new Map(
      names.map((name, index) => [`cef.${name}`, (fields[index] ?? '').replaceAll(/\\([\\|])/g, '$1')]),
    );
    return result.set('cef.extensions', extensions(fields[7] ?? ''));
  };
});

/** What follows the mark, which must be there. */
function from(mark: string, text: string): string {
  const start = text.indexOf(mark);
  if (start < 0) throw new OttlFailure(`${mark} is not in the message`, [text]);
  return text.slice(start + mark.length);
}

/** So many fields between `|`, a backslash before which makes it text; then the rest. */
function splitEscaped(text: string, count: number): string[] {
  const fields: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length && fields.length < count; at++) {
    if (text[at] === '\\') at++;
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
  const keys = [...text.matchAll(/(?:^|\s)([^\s=\\]+)=/g)];
  for (const [index, key] of keys.entries()) {
    const value = text.slice(key.index + key[0].length, keys[index + 1]?.index);
    result.set(
      key[1] ?? '',
      value.trim().replaceAll(/\\([nr=\\])/g, (_, letter: string) => escapes[letter] ?? letter),
    );
  }
  return result;
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

function leefDelimiter(written: string): string {
  if (written === '') return '\t';
  const hex = /^0x([0-9a-fA-F]{2})$/i.exec(written)?.[1];
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  if (Array.from(written).length === 1) return written;
  throw new OttlFailure(`the delimiter of LEEF is one character or 0x and two digits, found ${written}`);
}

function leefAttributes(text: string, delimiter: string): OttlMap {
  const result: OttlMap = new Map();
  for (const pair of text.split(delimiter)) {
    const equal = pair.indexOf('=');
    if (equal > 0) result.set(pair.slice(0, equal), pair.slice(equal + 1));
  }
  return result;
}

const common =
  /^(\S+) (\S+) (\S+) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" ([0-9]{3}) ([0-9]+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?$/;

/** A line of a web server's access log: the common format, or the combined one. */
export const parseClf = converter(
  'ParseCLF',
  { target: string(), format: optional(literalString()) },
  ({ target, format = 'clf' }, site) => {
    if (format !== 'clf' && format !== 'combined')
      throw new RefusedArgument(`the format is clf or combined, found ${format}`, { site });
    return (record) => {
      const text = target.read(record);
      const match = common.exec(text);
      if (match === null || (match[8] !== undefined) !== (format === 'combined'))
        throw new OttlFailure(`this is no line in the format ${format}`, [text]);
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
  const [, method, uri, protocol] = /^(\S+) (\S+) (\S+)$/.exec(request) ?? [];
  if (method !== undefined && uri !== undefined && protocol !== undefined) {
    result.set('clf.method', method).set('clf.request_uri', uri).set('clf.protocol', protocol);
  }
  result.set('clf.status', BigInt(status));
  if (bytes !== '-') result.set('clf.bytes', BigInt.asIntN(64, BigInt(bytes.slice(0, 19))));
  if (match[8] !== undefined) {
    result.set('clf.referer', unescaped(match[8])).set('clf.user_agent', unescaped(match[9] ?? ''));
  }
  return result;
}

const controls: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\u0007',
};

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes = text
    .split(/(\\(?:x[0-9a-fA-F]{2}|.))/)
    .map((part) =>
      /^\\x[0-9a-fA-F]{2}$/.test(part)
        ? Buffer.from(part.slice(2), 'hex')
        : Buffer.from(part.startsWith('\\') ? (controls[part.slice(1)] ?? part.slice(1)) : part),
    );
  return Buffer.concat(bytes).toString();
}

const directives: ReadonlyMap<string, string> = new Map([
  ['Version', 'elf.version'],
  ['Software', 'elf.software'],
  ['Date', 'elf.date'],
  ['Start-Date', 'elf.start_date'],
  ['End-Date', 'elf.end_date'],
  ['Remark', 'elf.remark'],
]);

/** A whole block in the W3C's Extended Log Format: directives, then lines of fields. */
export const parseElf = converter('ParseELF', { target: string() }, ({ target }) => {
  return (record) => {
    const entries: ExactValue[] = [];
    const result: OttlMap = new Map([['elf.entries', entries]]);
    let fields: string[] = [];
    for (const line of target.read(record).split(/\r?\n/)) {
      const [, name = '', value = ''] = /^#([A-Za-z-]+):\s*(.*)$/.exec(line.trim()) ?? [];
      const key = directives.get(name);
      if (name === 'Fields') fields = value.split(/\s+/).filter((field) => field !== '');
      else if (key !== undefined) result.set(key, value);
      else if (line.trim() !== '' && !line.startsWith('#')) entries.push(elfEntry(line, fields));
    }
    if (!result.has('elf.version')) throw new OttlFailure('an ELF block must have the directive #Version');
    return result.set('elf.fields', fields);
  };
});

function elfEntry(line: string, fields: readonly string[]): OttlMap {
  const values = [...line.matchAll(/"((?:[^"]|"")*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  );
  return new Map(fields.map((field, index) => [field, values[index] ?? '-']));
}
