/** A backend, and the oracle: it knows what it really has, and what it answered. */
import type { Outcome } from '../../src/pipeline/component.ts';
import { hashOf, itemsOf, keyOf, spanOf, spanOnWay, type FoundItem } from './items.ts';
import { isCopy, isPicked } from './model.ts';
import type { Random } from '../faults/random.ts';
import type { ExporterSpec, Fault, Mode } from './world.ts';

export type Answer =
  | { kind: 'status'; status: number; retryAfter?: string }
  | { kind: 'outcome'; outcome: Outcome }
  | { kind: 'error'; code: string }
  | { kind: 'silence' };

interface Stored {
  times: number;
  /** The lives that sent it. */
  readonly lives: Set<number>;
}

/** An answer, and what of the request it concerns. */
interface Reply {
  readonly answer: Answer;
  readonly stored: readonly FoundItem[];
}

interface BackendOptions {
  readonly spec: ExporterSpec;
  readonly payload: number;
  readonly expected: ReadonlySet<string>;
  readonly random: Random;
  readonly nowUnixMs: () => number;
  readonly violated: (law: string) => void;
}

export class Backend {
  mode: Mode = 'up';
  readonly stored = new Map<string, Stored>();
  /** Every item when it was stored first. */
  readonly firsts: FoundItem[] = [];
  /** Items that it left out of a request of which it took others; sent again, it may take them. */
  readonly passedOver = new Set<string>();
  private faults: Fault[];
  private readonly options: BackendOptions;

  constructor(options: BackendOptions) {
    this.options = options;
    this.faults = [...options.spec.faults];
  }

  heal(): void {
    this.mode = 'up';
    this.faults = [];
  }

  /** What will happen to the request that comes next. */
  nextFault(): Fault {
    if (this.mode === 'gone') return 'connection refused';
    if (this.mode === 'busy') return '503';
    if (this.mode === 'silent') return 'no answer, not stored';
    if (this.mode === 'shut') return '401';
    return this.faults.shift() ?? 'none';
  }

  /** A whole body came in. */
  receive(body: Uint8Array, fault: Fault, life: number): Answer {
    const items = this.checked(body);
    const { answer, stored } = this.replyTo(items, fault);
    for (const item of stored) this.store(item, life);
    return answer;
  }

  private replyTo(items: readonly FoundItem[], fault: Fault): Reply {
    const { nowUnixMs, random, spec } = this.options;
    // What the backend can take at all decides before anything that befalls its answer.
    if (items.length > spec.mostItems) return status(413);
    if (items.some(({ name }) => isPicked(name, spec.poison))) return status(400);
    const takes = items.filter(({ name }) => !isPicked(`picky ${name}`, spec.picky));
    const isLucky = random.next() < 0.5;
    const replies: Partial<Record<Fault, () => Reply>> = {
      'reset before the body was stored': () => ({
        answer: { kind: 'error', code: 'ECONNRESET' },
        stored: [],
      }),
      'reset after the body was stored': () => ({
        answer: { kind: 'error', code: 'UND_ERR_SOCKET' },
        stored: takes,
      }),
      'no answer, not stored': () => ({ answer: { kind: 'silence' }, stored: [] }),
      'no answer, stored': () => ({ answer: { kind: 'silence' }, stored: takes }),
      '429 with Retry-After in seconds': () => status(429, [], '3'),
      '429 with Retry-After as a date': () => status(429, [], new Date(nowUnixMs() + 7000).toUTCString()),
      '503 with Retry-After, stored': () => status(503, takes, '2'),
      '502, stored': () => status(502, takes),
      '500': () => status(500, isLucky ? takes : []),
      'some refused': () => this.refusing(items, takes),
      'some uncertain': () => this.losing(items, takes),
    };
    if (/^\d+$/.test(fault) && replies[fault] === undefined) return status(Number(fault));
    return replies[fault]?.() ?? { answer: { kind: 'outcome', outcome: taken(items, takes) }, stored: takes };
  }

  /** As Loki with some lines: names how many of them it took. */
  private refusing(items: readonly FoundItem[], takes: readonly FoundItem[]): Reply {
    const stored = takes.filter(({ name }) => hashOf(`line ${name}`) % 2 === 0);
    this.passOver(items, stored);
    const outcome: Outcome = {
      verdict: 'refused',
      reason: 'lines out of order',
      status: 400,
      delivered: stored.length,
    };
    return { answer: { kind: 'outcome', outcome }, stored };
  }

  /** As Tempo: takes all, and drops some without a word. */
  private losing(items: readonly FoundItem[], takes: readonly FoundItem[]): Reply {
    const stored = takes.filter(() => this.options.random.next() < 0.5);
    this.passOver(items, stored);
    const uncertain = items.length - stored.length;
    return { answer: { kind: 'outcome', outcome: { verdict: 'delivered', uncertain } }, stored };
  }

  private passOver(items: readonly FoundItem[], stored: readonly FoundItem[]): void {
    for (const item of items) if (!stored.includes(item)) this.passedOver.add(keyOf(item));
  }

  private checked(body: Uint8Array): FoundItem[] {
    const { expected, payload, spec, violated } = this.options;
    try {
      const items = itemsOf(body);
      for (const item of items) {
        if (!expected.has(keyOf(item))) violated(`${spec.id} got ${keyOf(item)}, which nothing leads there`);
        else if (!isCopy(item.name) && !spanOnWay(spanOf(item.name, payload), item.way).equals(item.span))
          violated(`${spec.id} got ${keyOf(item)} with other bytes: ${item.span.toString('hex')}`);
      }
      return items;
    } catch (error) {
      violated(`${spec.id} got a body that it cannot read: ${String(error)}`);
      return [];
    }
  }

  private store(item: FoundItem, life: number): void {
    const key = keyOf(item);
    const known = this.stored.get(key);
    if (known === undefined) this.firsts.push(item);
    const { times, lives } = known ?? { times: 0, lives: new Set<number>() };
    this.stored.set(key, { times: times + 1, lives: lives.add(life) });
  }
}

function status(code: number, stored: readonly FoundItem[] = [], retryAfter?: string): Reply {
  const answer = {
    kind: 'status' as const,
    status: code,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
  return { answer, stored };
}

function taken(items: readonly FoundItem[], takes: readonly FoundItem[]): Outcome {
  const refused = items.length - takes.length;
  return refused === 0 ? { verdict: 'delivered' } : { verdict: 'delivered', refused, reason: 'picky' };
}
