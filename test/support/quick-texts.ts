/** Random OTTL for spans and log records, most of it of what can run over the bytes of a batch. */
import fc from 'fast-check';

export interface Language {
  /** What a path of the record begins with: '' where the context is given. */
  readonly prefix: string;
  readonly context: 'span' | 'log';
}

/** Keys that statements and data share. */
export const quickKeys: fc.Arbitrary<string> = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('a', 'http.route', 'n', 'k', 'näme', 'x'.repeat(127)) },
  // Too long for programs.
  { weight: 1, arbitrary: fc.constant('x'.repeat(130)) },
);
const key = fc
  .oneof({ weight: 5, arbitrary: quickKeys }, { weight: 1, arbitrary: fc.constant('missing') })
  .map((text) => JSON.stringify(text));

const numbers = fc.constantFrom('0', '1', '200', '-1', '9007199254740993', '1.5', '-0.0');
const literals = fc.oneof(numbers, fc.constantFrom('"GET"', '"short"', '"ü"', '""', 'true', 'false'));
const patterns = fc.constantFrom('"^GET"', '"o"', '"[0-9]+"', '""', '"ü{3}"', '"(.)(.*)$"');
const replacements = fc.constantFrom('""', '"-"', '"<$1>"', '"$2$1"', '"ö$$"');

interface Paths {
  readonly attribute: fc.Arbitrary<string>;
  readonly text: fc.Arbitrary<string>;
  readonly number: fc.Arbitrary<string>;
  readonly any: fc.Arbitrary<string>;
  readonly map: fc.Arbitrary<string>;
}

function pathsOf({ prefix, context }: Language): Paths {
  const map = fc.constantFrom(`${prefix}attributes`, `${prefix}attributes`, 'resource.attributes');
  const attribute = fc.tuple(map, key).map(([all, one]) => `${all}[${one}]`);
  const text = fc.constant(`${prefix}${context === 'span' ? 'name' : 'severity_text'}`);
  const number =
    context === 'span'
      ? fc.constantFrom(`${prefix}kind`, `${prefix}status.code`)
      : fc.constant(`${prefix}severity_number`);
  const more = context === 'span' ? [] : [{ weight: 1, arbitrary: fc.constant(`${prefix}body`) }];
  const any = fc.oneof(
    { weight: 4, arbitrary: attribute },
    { weight: 1, arbitrary: text },
    { weight: 1, arbitrary: number },
    ...more,
  );
  return { attribute, text, number, any, map };
}

function enums({ context }: Language): fc.Arbitrary<string> {
  return context === 'span'
    ? fc.constantFrom('SPAN_KIND_CLIENT', 'STATUS_CODE_ERROR', '3')
    : fc.constantFrom('SEVERITY_NUMBER_WARN', '0');
}

export function conditions(language: Language): fc.Arbitrary<string> {
  const { attribute, text, number, any } = pathsOf(language);
  const operator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
  const spaced = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((found) => found.join(' '));
  return fc.letrec<{ condition: string; simple: string }>((tie) => ({
    simple: fc.oneof(
      { weight: 3, arbitrary: spaced(any, fc.constantFrom('==', '!='), literals) },
      { weight: 3, arbitrary: spaced(any, operator, numbers) },
      { weight: 2, arbitrary: spaced(numbers, operator, any) },
      { weight: 3, arbitrary: spaced(any, fc.constantFrom('==', '!=', '<='), fc.constant('nil')) },
      { weight: 2, arbitrary: spaced(number, operator, enums(language)) },
      { weight: 2, arbitrary: fc.tuple(text, patterns).map(([at, by]) => `IsMatch(${at}, ${by})`) },
      { weight: 2, arbitrary: fc.tuple(attribute, patterns).map(([at, by]) => `IsMatch(${at}, ${by})`) },
      { weight: 1, arbitrary: text.map((at) => `HasPrefix(${at}, "GE")`) },
      { weight: 1, arbitrary: attribute.map((at) => `IsString(${at}) and HasSuffix(${at}, "t")`) },
      { weight: 1, arbitrary: attribute.map((at) => `IsString(${at})`) },
      { weight: 1, arbitrary: fc.constantFrom('true', 'false') },
      // What is left to the views.
      { weight: 1, arbitrary: attribute.map((at) => `Len(${at}) > 3`) },
      { weight: 1, arbitrary: spaced(any, operator, literals) },
    ),
    condition: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      tie('simple'),
      tie('condition').map((one) => `not (${one})`),
      fc
        .array(tie('condition'), { minLength: 2, maxLength: 3 })
        .map((all) => all.map((one) => `(${one})`).join(' and ')),
      fc
        .array(tie('condition'), { minLength: 2, maxLength: 3 })
        .map((all) => all.map((one) => `(${one})`).join(' or ')),
    ),
  })).condition;
}

export function statements(language: Language): fc.Arbitrary<string> {
  const { attribute, text, number, any, map } = pathsOf(language);
  const joined = fc
    .tuple(fc.array(fc.oneof(any, literals, fc.constant('nil')), { maxLength: 3 }), literals)
    .map(([parts, by]) => `Concat([${parts.join(', ')}], ${by.startsWith('"') ? by : '"-"'})`);
  const call = (name: string, ...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((found) => `${name}(${found.join(', ')})`);
  const made = fc
    .tuple(
      fc.oneof(attribute, text),
      fc.constantFrom<((at: string) => string)[]>(
        (at) => `ToUpperCase(${at})`,
        (at) => `SHA256(${at})`,
        (at) => `Substring(${at}, 1, 2)`,
        (at) => `TrimPrefix(${at}, "GE")`,
      ),
    )
    .map(([at, of]) => of(at));
  const list = fc.array(key, { maxLength: 4 }).map((all) => `[${all.join(', ')}]`);
  const edit = fc.oneof(
    { weight: 4, arbitrary: call('set', attribute, literals) },
    { weight: 3, arbitrary: call('set', attribute, any) },
    { weight: 3, arbitrary: call('set', attribute, joined) },
    { weight: 2, arbitrary: call('set', fc.oneof(attribute, text), made) },
    { weight: 1, arbitrary: call('set', attribute, fc.constantFrom('nil', '["a", 1, [2.5]]', '0xab00')) },
    { weight: 2, arbitrary: call('set', text, fc.oneof(attribute, joined, fc.constant('"GET"'))) },
    { weight: 1, arbitrary: call('set', number, enums(language)) },
    { weight: 1, arbitrary: call('set', any, fc.oneof(literals, any)) },
    { weight: 3, arbitrary: call('delete_key', map, key) },
    { weight: 1, arbitrary: call('delete_matching_keys', map, patterns) },
    { weight: 1, arbitrary: call('keep_matching_keys', map, patterns) },
    { weight: 1, arbitrary: call('keep_keys', map, list) },
    { weight: 2, arbitrary: call('truncate_all', map, fc.constantFrom('0', '3', '40')) },
    { weight: 3, arbitrary: call('replace_pattern', any, patterns, replacements) },
    // What is left to the views.
    {
      weight: 1,
      arbitrary: call(
        'set',
        attribute,
        any.map((at) => `Int(${at})`),
      ),
    },
    { weight: 1, arbitrary: call('limit', map, fc.constant('2'), fc.constant('[]')) },
  );
  return fc
    .tuple(edit, fc.option(conditions(language)))
    .map(([text, where]) => (where === null ? text : `${text} where ${where}`));
}
