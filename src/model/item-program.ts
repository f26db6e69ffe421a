/**
 * What a processor does to each span or log record, as data: steps that a `QuickProgram` runs over the bytes of a batch.
 * It says what OTTL and attribute actions say most often; what it cannot say is done on views.
 */
import type { Bytes } from '../wire/bytes.ts';
import type { ReplacementTable } from './regex-table.ts';
import type { ExactValue } from './value.ts';

/** A field of spans or log records, with the values that it has. */
export type ItemField = TextField | NumberField | 'body';
export type TextField = 'name' | 'severityText';
/** Enums; one that is missing is 0. */
export type NumberField = 'kind' | 'statusCode' | 'severityNumber';

/** What can be read, and but for `statusCode` written. An attribute that is missing is nil, as is one without a value. */
export type ItemPlace =
  | { readonly at: 'attribute'; readonly of: AttributesOf; readonly key: string }
  | { readonly at: 'field'; readonly field: ItemField };

/** Whose attributes: those of the resource may be read and written from each of its items. */
export type AttributesOf = 'item' | 'resource';

export type ItemValue =
  | ItemPlace
  | { readonly at: 'constant'; readonly value: ExactValue }
  /** Texts one behind the other, nil as `<nil>`, ints and booleans in decimal and as words. */
  | { readonly at: 'joined'; readonly parts: readonly ItemValue[]; readonly by: string }
  /** Of a text; what is none, nil too, is left to the views. */
  | { readonly at: 'made'; readonly of: ItemPlace; readonly by: (text: string) => string };

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export type ItemTest =
  | { readonly is: 'all' | 'any'; readonly of: readonly ItemTest[] }
  | { readonly is: 'not'; readonly of: ItemTest }
  | { readonly is: 'nil'; readonly value: ItemPlace }
  /** With what OTTL's comparisons say: other types are unequal and have no order, but for int and double. */
  | {
      readonly is: 'compared';
      readonly value: ItemPlace;
      readonly operator: Operator;
      readonly with: string | boolean | bigint | number;
    }
  /** Of a text; nil is `nil`, or left to the views. The table of a regex finds out what `by` does, where there is one. */
  | {
      readonly is: 'matched';
      readonly value: ItemPlace;
      readonly by: (text: string) => boolean;
      readonly table?: Bytes | undefined;
      readonly nil: false | 'views';
    };

/** Steps run in their order, each on what those before it left. */
export type ItemStep = { readonly when?: ItemTest | undefined } & ItemEffect;

export type ItemEffect =
  /** Nil changes nothing, and a value that the field cannot have is left to the views. */
  | { readonly do: 'set'; readonly place: ItemPlace; readonly value: ItemValue }
  /** The attribute actions: what becomes of one that is there, and whether it is added. */
  | {
      readonly do: 'put';
      readonly key: string;
      readonly value: ExactValue;
      readonly where: 'absent' | 'present' | 'always';
    }
  | { readonly do: 'change'; readonly key: string; readonly by: (value: ExactValue) => ExactValue }
  /** SHA-256 in hex: of a text, of eight bytes of a number, of one byte of a boolean; an empty text for the rest. */
  | { readonly do: 'hash'; readonly key: string }
  | { readonly do: 'delete'; readonly of: AttributesOf; readonly key: string }
  /** What is decided of a key is the same for all records. */
  | { readonly do: 'deleteKeys'; readonly of: AttributesOf; readonly which: (key: string) => boolean }
  /** Cuts all attributes that are texts to so many bytes, at the end of a character. */
  | { readonly do: 'truncate'; readonly of: AttributesOf; readonly bytes: number }
  /** Another text for one; undefined leaves it. What is no text stays. A table does the same, or finds what may be replaced. */
  | {
      readonly do: 'replace';
      readonly place: ItemPlace;
      readonly by: (text: string) => string | undefined;
      readonly table?: ReplacementTable | undefined;
    }
  /** It stays as it is now: nothing more happens to it. */
  | { readonly do: 'stop' }
  /** Counted under the reason; nothing more happens to it. */
  | { readonly do: 'drop'; readonly reason: string };

export interface ItemProgram {
  readonly signal: 'traces' | 'logs';
  readonly steps: readonly ItemStep[];
}
