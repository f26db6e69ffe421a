/** One case of the fuzzer: texts on a record; and what came of it, in one notation for both sides. */
import type { Gate } from '../../../src/ottl/gates.ts';
import type { Plain } from '../../support/plain-otlp.ts';
import { Grammar } from './grammar.ts';
import { mutated } from './pools.ts';
import { Random } from './random.ts';
import { recordFor } from './records.ts';
import type { FuzzContext } from './contexts.ts';
import { textOfTerm } from './term.ts';
import type { Term } from './term.ts';

export interface FuzzCase {
  readonly context: FuzzContext;
  readonly kind: 'value' | 'condition' | 'statements';
  readonly gates: readonly Gate[];
  readonly terms: readonly Term[];
  readonly record: Plain;
}

export type Outcome =
  /** The texts do not parse or do not check. */
  | { readonly refused: string }
  /** A value or condition fails on the record. */
  | { readonly failed: string }
  | { readonly value: unknown }
  /** What each statement did, and the record afterwards. */
  | { readonly outcomes: readonly string[]; readonly record: unknown }
  /** An error that is none of OTTL's: always a difference. */
  | { readonly crashed: string };

const contexts: readonly FuzzContext[] = [
  'span',
  'log',
  'span',
  'log',
  'spanevent',
  'resource',
  'scope',
  'metric',
  'datapoint',
];

/** The case of this number under this seed. */
export function caseOf(seed: string, number: number): FuzzCase {
  const random = new Random(`${seed}/${number}`);
  const context = random.pick(contexts);
  const hasLambdas = random.chance(0.3);
  const gates: Gate[] = [
    ...(hasLambdas ? ['ottl.functions.enableLambda' as const] : []),
    ...(random.chance(0.2) ? ['ottl.set.allowNil' as const] : []),
  ];
  const grammar = new Grammar(random, context, hasLambdas);
  const kind = random.pick(['value', 'value', 'condition', 'statements', 'statements'] as const);
  const terms = termsOf(kind, grammar, random).map((term) =>
    random.chance(0.02) ? { parts: [mutated(textOfTerm(term), random)] } : term,
  );
  const record = recordFor(context, terms.map(textOfTerm).join('\n'), random);
  return { context, kind, gates, terms, record };
}

function termsOf(kind: FuzzCase['kind'], grammar: Grammar, random: Random): Term[] {
  if (kind === 'value') return [grammar.value()];
  if (kind === 'condition') return [grammar.condition()];
  return [grammar.statement(), ...random.some(2, () => grammar.statement())];
}
