/** Random OTTL texts, most of them valid: what each function takes is in signatures.ts. */
import { contextNamed } from '../../../src/ottl/contexts.ts';
import type { Context } from '../../../src/ottl/contexts.ts';
import type { Fields } from '../../../src/ottl/paths/fields.ts';
import { carried, flavours, textOf } from './pools.ts';
import type { Flavour } from './pools.ts';
import type { Random } from './random.ts';
import type { FuzzContext } from './contexts.ts';
import { converterSignatures, editorSignatures, unrepeatable } from './signatures.ts';
import type { ValueType } from './signatures.ts';
import { joined, term } from './term.ts';
import type { Term } from './term.ts';

const valueTypes: readonly ValueType[] = [
  'text',
  'int',
  'double',
  'bool',
  'bytes',
  'map',
  'list',
  'time',
  'duration',
  'id',
];

const ints = [
  '0',
  '1',
  '2',
  '3',
  '7',
  '10',
  '100',
  '255',
  '1700000000',
  '1700000000000000000',
  '9007199254740993',
  '4294967296',
  '9223372036854775807',
  '017',
  '00',
  '08',
];
const doubles = [
  '0.0',
  '0.5',
  '1.',
  '.25',
  '2.5',
  '1e300',
  '1.5e3',
  '1.0e-7',
  '1.7976931348623157e308',
  '3.0',
  '1.0e21',
];
const bytes = [
  '0x00',
  '0xff',
  '0x0102030405060708',
  '0x68c3a9',
  '0x0102030405060708090a0b0c0d0e0f10',
  '0xabc',
];

/** The attributes that a record has, by their type (most of the time). */
export const typedKeys: Readonly<Record<string, readonly string[]>> = {
  text: ['s1', 's2'],
  int: ['i1', 'i2'],
  double: ['d1', 'd2'],
  bool: ['b1'],
  bytes: ['y1'],
  map: ['m1', 'm2'],
  list: ['l1', 'l2'],
  any: ['s1', 'i1', 'd1', 'b1', 'y1', 'm1', 'l1', 'e1', 'none', 'é', '', 'k1'],
};

interface Path {
  readonly text: string;
  readonly type: ValueType;
  readonly isAttributes: boolean;
}

/** One text after another for one context; the same random numbers give the same texts. */
export class Grammar {
  readonly #random: Random;
  readonly #context: Context;
  readonly #paths: readonly Path[];
  readonly #hasLambdas: boolean;
  #depth = 0;
  #formals: string[] = [];

  constructor(random: Random, context: FuzzContext, hasLambdas: boolean) {
    this.#random = random;
    this.#context = contextNamed(context);
    this.#hasLambdas = hasLambdas;
    const cache = { text: `${context}.cache`, type: 'map', isAttributes: true } as const;
    this.#paths = [
      ...[...this.#context.prefixes].flatMap(([prefix, fields]) =>
        prefix === 'otelcol' ? [] : pathsOf(fields, prefix),
      ),
      cache,
    ];
  }

  statement(): Term {
    const random = this.#random;
    const [name, signature] = random.pick(
      Object.entries(editorSignatures).filter(([known]) => this.#context.editors.has(known)),
    );
    const edit = random.chance(0.25)
      ? this.#call('set', editorSignatures['set'] ?? '', this.#context.editors)
      : this.#call(name, signature, this.#context.editors);
    return random.chance(0.25) ? term`${edit} where ${this.condition()}` : edit;
  }

  condition(): Term {
    const random = this.#random;
    if (this.#depth > 3) return random.chance(0.5) ? term`true` : this.#comparison();
    return this.#deeper(() => {
      switch (random.below(9)) {
        case 0:
          return term`${this.condition()} and ${this.condition()}`;
        case 1:
          return term`${this.condition()} or ${this.condition()}`;
        case 2:
          return term`not (${this.condition()})`;
        case 3:
          return term`(${this.condition()})`;
        case 4:
          return random.chance(0.4)
            ? { parts: [random.pick(['true', 'false'])] }
            : term`not ${this.#comparison()}`;
        case 5:
        case 6:
          return this.#converter('bool') ?? this.#comparison();
        default:
          return this.#comparison();
      }
    });
  }

  #comparison(): Term {
    const random = this.#random;
    const type = random.pick([...valueTypes, 'any'] as const);
    const other = random.chance(0.75) ? type : random.pick(valueTypes);
    const operator = random.pick(['==', '!=', '<', '<=', '>', '>=', '==']);
    return term`${this.value(type)} ${operator} ${this.value(other)}`;
  }

  /** A value that has the type nearly always. */
  value(wanted: ValueType = 'any'): Term {
    const random = this.#random;
    const isAny = wanted === 'any' || random.chance(0.05);
    const type = isAny ? random.pick(valueTypes) : wanted;
    if (isAny && random.chance(0.06)) return term`nil`;
    if (this.#formals.length > 0 && random.chance(isAny ? 0.4 : 0.25)) return this.#formal();
    if (this.#depth > 4) return random.chance(0.5) ? this.#path(type) : this.#literal(type);
    return this.#deeper(() =>
      random.weighted([
        [3, () => this.#literal(type)],
        [4, () => this.#path(type)],
        [3, () => this.#converter(type) ?? this.#path(type)],
        [1, () => this.#arithmetic(type)],
        [0.3, () => this.#enum()],
      ])(),
    );
  }

  #deeper<T>(make: () => T): T {
    this.#depth++;
    const made = make();
    this.#depth--;
    return made;
  }

  #formal(): Term {
    const name = this.#random.pick(this.#formals);
    return { parts: [this.#random.chance(0.15) ? `${name}["a"]` : name] };
  }

  #enum(): Term {
    const symbols = [...(this.#context.enums?.keys() ?? [])];
    return {
      parts: [symbols.length > 0 && this.#random.chance(0.97) ? this.#random.pick(symbols) : 'NO_SUCH'],
    };
  }

  #literal(type: ValueType): Term {
    const random = this.#random;
    switch (type) {
      case 'text':
        return quoted(textOf(random.chance(0.6) ? 'plain' : random.pick(flavours), random));
      case 'int':
        return { parts: [(random.chance(0.15) ? '-' : '') + random.pick(ints)] };
      case 'double':
        return { parts: [(random.chance(0.15) ? '-' : '') + random.pick(doubles)] };
      case 'bool':
        return { parts: [random.pick(['true', 'false'])] };
      case 'bytes':
        return { parts: [random.pick(bytes)] };
      case 'list':
        return bracketed(random.some(3, () => this.value()));
      case 'map':
        return this.#mapLiteral();
      case 'time':
        return term`Unix(${random.pick(ints)}, ${random.pick(ints)})`;
      case 'duration':
        return term`Duration(${quoted(textOf('duration', random))})`;
      case 'id':
        return random.chance(0.5)
          ? term`TraceID(${random.pick(bytes)})`
          : term`SpanID(${quoted(textOf('hex', random))})`;
      default:
        return term`nil`;
    }
  }

  #mapLiteral(): Term {
    const entries = this.#random.some(3, () => term`${quoted(textOf('key', this.#random))}: ${this.value()}`);
    return term`{${joined(entries, ', ')}}`;
  }

  #path(type: ValueType): Term {
    const random = this.#random;
    const direct = this.#paths.filter((path) => path.type === type && !path.isAttributes);
    const keys = typedKeys[type];
    if (keys === undefined || (direct.length > 0 && random.chance(0.35)))
      return direct.length > 0 ? { parts: [random.pick(direct).text] } : this.#literal(type);
    if (type === 'map' && random.chance(0.3)) return this.#attributes();
    const own = term`${this.#attributes()}[${this.#key(keys)}]`;
    return random.chance(0.12) ? term`${own}[${this.#innerKey()}]` : own;
  }

  /** All attributes of something, or the cache, or a body. */
  #attributes(): Term {
    const random = this.#random;
    const all = this.#paths.filter((path) => path.isAttributes);
    const own = all[0];
    return { parts: [own !== undefined && random.chance(0.6) ? own.text : random.pick(all).text] };
  }

  #key(keys: readonly string[]): Term {
    return this.#random.chance(0.04) && this.#depth < 4
      ? this.value('text')
      : quoted(this.#random.chance(0.93) ? this.#random.pick(keys) : textOf('key', this.#random));
  }

  #innerKey(): Term {
    const random = this.#random;
    if (random.chance(0.1) && this.#depth < 4) return this.value(random.chance(0.5) ? 'text' : 'int');
    return random.chance(0.5)
      ? quoted(textOf('key', random))
      : { parts: [random.pick(['0', '1', '2', '-1', '0.0', '99'])] };
  }

  #converter(type: ValueType): Term | undefined {
    const random = this.#random;
    const fitting = Object.entries(converterSignatures).filter(
      ([name, signature]) =>
        this.#context.functions.has(name) &&
        (signature.startsWith(`${type}:`) || (signature.startsWith('any:') && random.chance(0.2))) &&
        (this.#hasLambdas || !takesLambda(signature) || random.chance(0.02)),
    );
    if (fitting.length === 0) return undefined;
    const [name, signature] = random.pick(fitting);
    const call = this.#call(name, signature.replace(/^\w+: ?/, ''), this.#context.functions);
    if (unrepeatable.includes(name)) return name === 'Now' ? term`Unix(0)` : term`Len(${call})`;
    const mayBeIndexed = [
      'ParseJSON',
      'ParseXML',
      'URL',
      'Split',
      'Values',
      'ParseKeyValue',
      'ExtractPatterns',
    ].includes(name);
    return mayBeIndexed && random.chance(0.3) ? term`${call}[${this.#resultKey()}]` : call;
  }

  #resultKey(): Term {
    const random = this.#random;
    return random.chance(0.5)
      ? quoted(random.pick(['a', 'b', 'c', 'tag', 'url.path', 'first']))
      : { parts: [random.pick(['0', '1', '5'])] };
  }

  #arithmetic(type: ValueType): Term {
    const random = this.#random;
    const operator = random.pick(['+', '-', '*', '/']);
    if (type === 'time')
      return term`${this.value('time')} ${random.pick(['+', '-'])} ${this.value('duration')}`;
    if (type === 'duration') {
      const right = random.pick(['time', 'duration'] as const);
      return term`${this.value(right)} ${random.pick(['+', '-'])} ${this.value(right)}`;
    }
    if (type !== 'int' && type !== 'double' && random.chance(0.9)) return this.#path(type);
    const number = (): ValueType => (random.chance(0.8) ? type : random.pick(['int', 'double']));
    switch (random.below(5)) {
      case 0:
        return term`-${this.value(number())}`;
      case 1:
        return term`(${this.value(number())} ${operator} ${this.value(number())}) ${random.pick(['*', '-'])} ${this.value('int')}`;
      default:
        return term`${this.value(number())} ${operator} ${this.value(number())}`;
    }
  }

  #call(name: string, signature: string, known: Context['functions']): Term {
    const random = this.#random;
    const parameters = known.get(name)?.parameters.map(([parameter]) => parameter) ?? [];
    const kinds = signature.split(' ').filter((kind) => kind !== '');
    const args: Term[] = [];
    let isNamed = false;
    for (const [index, kind] of kinds.entries()) {
      if (kind.startsWith('?') && random.chance(0.5)) {
        isNamed = true;
        continue;
      }
      const argument = this.#argument(kind.replace('?', ''));
      isNamed ||= random.chance(0.04);
      args.push(isNamed ? term`${written(parameters[index] ?? 'x', random)} = ${argument}` : argument);
    }
    if (random.chance(0.01)) args.pop();
    if (random.chance(0.005)) args.push(this.value());
    return term`${name}(${joined(args, ', ')})`;
  }

  #argument(kind: string): Term {
    const random = this.#random;
    const [type, flavour] = kind.split(':') as [string, Flavour?];
    if (random.chance(0.01)) return this.value();
    switch (type) {
      case 'literal':
        return quoted(textOf(flavour ?? 'plain', random));
      case 'literals':
        return bracketed(random.some(2, () => quoted(textOf(flavour ?? 'plain', random))));
      case 'texts':
        return bracketed(random.some(3, () => this.#flavoured(flavour ?? 'plain')));
      case 'anys':
        return bracketed(random.some(3, () => this.value()));
      case 'literalInt':
        return { parts: [random.pick(['0', '1', '2', '3', '5', '10', '100', '-1'])] };
      case 'literalDouble':
        return {
          parts: [random.pick(['0.0', '0.5', '0.99', '1.0', '50.0', '99.9', '100.0', '2.5', '10.0'])],
        };
      case 'literalDoubles':
        return {
          parts: [
            random.pick(['[]', '[0.0, 1.5, 10.0]', '[1.0]', '[10.0, 1.0]', '[0.5, 2.0, 4.0, 8.0, 1000.0]']),
          ],
        };
      case 'literalBool':
        return { parts: [random.pick(['true', 'false'])] };
      case 'function':
        return {
          parts: [
            random.pick([
              'SHA256',
              'MD5',
              'ToUpperCase',
              'Len',
              'Base64Decode',
              'Int',
              'ParseJSON',
              'FNV',
              'String',
              'NoSuch',
            ]),
          ],
        };
      default:
        return this.#otherArgument(type, flavour);
    }
  }

  #otherArgument(type: string, flavour: Flavour | undefined): Term {
    const random = this.#random;
    switch (type) {
      case 'path':
        return this.#path(random.pick([...valueTypes, 'any', 'text', 'any'] as const));
      case 'mapPath':
        return random.chance(0.7) ? this.#attributes() : this.#path('map');
      case 'listPath':
        return this.#path('list');
      case 'position':
        return random.chance(0.8)
          ? { parts: [random.pick(['0', '1', '2', '3', '5', '-1'])] }
          : this.value('int');
      case 'port':
        return { parts: [random.pick(['0', '80', '443', '65535', '65536', '-1'])] };
      case 'base':
        return { parts: [random.pick(['0', '2', '8', '10', '16', '36', '37', '1', '-1'])] };
      case 'collection':
        return this.value(random.chance(0.5) ? 'list' : 'map');
      case 'sized':
        return this.value(random.pick(['text', 'list', 'map', 'bytes'] as const));
      case 'severities':
        return random.chance(0.95) ? severities(random) : this.value('map');
      case 'predicate':
        return this.#lambda(['k', 'v'], () => this.condition());
      case 'test':
        return this.#lambda([], () => this.condition());
      case 'mapper':
        return this.#lambda(['k', 'v'], () => this.value());
      case 'keyMapper':
        return this.#lambda(['k', 'v'], () => this.value('text'));
      case 'reducer':
        return this.#lambda(['acc', 'k', 'v'], () => this.value());
      default:
        return flavour === undefined
          ? this.value(type as ValueType)
          : this.#flavoured(flavour, type as ValueType);
    }
  }

  /** A text of a flavour: written out, in an attribute, or any value of the type. */
  #flavoured(flavour: Flavour, type: ValueType = 'text'): Term {
    const random = this.#random;
    if (random.chance(type === 'any' ? 0.4 : 0.15)) return this.value(type);
    const own = this.#paths.find((path) => path.isAttributes);
    if (own !== undefined && carried.includes(flavour) && random.chance(0.4))
      return { parts: [`${own.text}["t.${flavour}"]`] };
    return quoted(textOf(flavour, random));
  }

  #lambda(formals: readonly string[], body: () => Term): Term {
    const random = this.#random;
    const before = this.#formals;
    const named = formals.map((formal) => (random.chance(0.15) ? '_' : formal));
    if (random.chance(0.01)) named.pop();
    this.#formals = [...before, ...named.filter((formal) => formal !== '_')];
    const result = this.#deeper(body);
    this.#formals = before;
    return term`(${named.join(', ')}) => ${result}`;
  }
}

function takesLambda(signature: string): boolean {
  return /predicate|mapper|Mapper|reducer|test/.test(signature);
}

function written(parameter: string, random: Random): string {
  if (random.chance(0.02)) return 'nope';
  return random.chance(0.5)
    ? parameter
    : parameter.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A string literal, with the escapes that it needs. */
export function quoted(text: string): Term {
  return { parts: [`"${text.replaceAll(/["\\]/g, '\\$&')}"`] };
}

function bracketed(items: readonly Term[]): Term {
  return term`[${joined(items, ', ')}]`;
}

function severities(random: Random): Term {
  const criteria = [
    '{"equals": ["abc", "GET"]}',
    '{"range": {"min": 1, "max": 7}}',
    '{"range": "2xx"}',
    '{"equals": ["a"]}, {"range": "1xx"}',
    '{"range": "9xx"}',
    '{"equals": "a"}',
    '{"range": {"min": "a"}}',
    '{}',
    '5',
  ];
  return { parts: [`{"error": [${random.pick(criteria)}]}`] };
}

function pathsOf(fields: Fields, prefix: string): Path[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const text = `${prefix}.${name}`;
    const isAttributes = name === 'attributes' || name === 'cache' || name === 'body' || name === 'metadata';
    const inner = field.fields === undefined ? [] : pathsOf(field.fields, text);
    return [{ text, type: typeOf(name), isAttributes }, ...inner];
  });
}

function typeOf(name: string): ValueType {
  if (
    /_unix_nano$|_count$|^(flags|kind|code|severity_number|event_index|count|value_int|type|scale|offset|aggregation_temporality)$/.test(
      name,
    )
  )
    return 'int';
  if (name.endsWith('time')) return 'time';
  if (name.endsWith('_id')) return 'id';
  if (
    /^(events|links|status|exemplars|data_points|quantile_values|positive|negative|bucket_counts|explicit_bounds)$/.test(
      name,
    )
  )
    return 'list';
  if (/^(value_double|sum)$/.test(name)) return 'double';
  if (name === 'is_monotonic') return 'bool';
  return /^(attributes|body|metadata)$/.test(name) ? 'map' : 'text';
}
