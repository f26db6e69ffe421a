import { createRequire } from 'node:module';

import type * as Re2Module from 're2js';
import type { RE2JS } from 're2js';

import type { RegexEngine, RegexMatch } from './regex-engine.ts';
import { RegexWork } from './regex-work.ts';

/** Loaded when the first pattern needs it: most runs do without. */
let re2: typeof Re2Module | undefined;

/**
 * RE2 in JavaScript. Throws its own errors for what is no pattern. If it is bounded, work on a text throws
 * `RegexLimit` where it takes too many steps.
 */
export function re2Engine(pattern: string, bounded: boolean): RegexEngine {
  re2 ??= createRequire(import.meta.url)('re2js') as typeof Re2Module;
  const { MatcherInput } = re2;
  const { source, names } = withUniqueNames(pattern);
  const compiled = re2.RE2JS.compile(source);
  const count = compiled.groupCount() + 1;
  const groupNames = Array.from({ length: count }, (): string | undefined => undefined);
  for (const [name, group] of Object.entries(compiled.namedGroups()))
    groupNames[group] = names.get(name) ?? name;
  const program = compiled.re2();
  const workOn = bounded ? metered(program) : undefined;
  return {
    name: 're2',
    groupNames,
    findsAsFast: false,
    test(text) {
      workOn?.(new RegexWork(pattern, text.length));
      return compiled.test(text);
    },
    search(text) {
      const work = new RegexWork(pattern, text.length);
      const input = MatcherInput.utf16(text);
      return (from) => {
        workOn?.(work);
        const [found, places] = program.matchMachineInput(
          input,
          from,
          text.length,
          unanchored,
          count,
        ) as Found;
        return found ? matchAt(text, places) : undefined;
      };
    },
  };
}

const unanchored = 0;

type Found = [found: false, places: null] | [found: true, places: readonly number[]];

/** From the first and last positions of the groups, -1 for one that took no part. */
function matchAt(text: string, places: readonly number[]): RegexMatch {
  const groups: (string | undefined)[] = [];
  for (let at = 0; at < places.length; at += 2) {
    const start = places[at]!;
    groups.push(start < 0 ? undefined : text.slice(start, places[at + 1]));
  }
  return { start: places[0]!, end: places[1]!, groups };
}

type Program = ReturnType<RE2JS['re2']>;

/** What the engine reads a text through. */
interface Input {
  readonly charSequence: string;
  /** The character at a position. */
  step(position: number): number;
  /** What stands around a position. The simulation of the automaton asks once for each character. */
  context(position: number): number;
}

/** The simulation of the automaton: each of its two lists holds a thread for every state it may be in. */
interface Machine {
  readonly q0: { readonly size: number };
  readonly q1: { readonly size: number };
}

interface Meter {
  work: RegexWork | undefined;
  machine: Machine | undefined;
}

/**
 * Has the work of a program counted, on what is set by the function that is answered: the engine has no limit of its
 * own. It reads a text through an input, so an input that counts sees all that it does.
 */
function metered(program: Program): (work: RegexWork) => void {
  const meter: Meter = { work: undefined, machine: undefined };
  const execute = program.executeEngine.bind(program);
  const simulate = program.doExecuteNFA.bind(program);
  const countingInput = (plain: Input): Input => {
    MeteredInput ??= meteredInput(plain.constructor as InputClass);
    return new MeteredInput(plain.charSequence, meter);
  };
  program.executeEngine = (input: Input, ...rest: [number, number, number]) =>
    execute(countingInput(input), ...rest) as unknown;
  program.doExecuteNFA = (input: Input, ...rest: [number, number, number]) => {
    // The machine that waits in the pool is the one that will be used. One that was stopped does not come back.
    if (program.machinePool.length === 0) simulate(new MeteredInput!('', meter), 0, unanchored, 0);
    meter.machine = program.machinePool.at(-1) as Machine;
    try {
      return simulate(input, ...rest) as unknown;
    } finally {
      meter.machine = undefined;
    }
  };
  return (work) => {
    meter.work = work;
  };
}

type InputClass = new (text: string) => Input;

let MeteredInput: (new (text: string, meter: Meter) => Input) | undefined;

/** The engine's own class of inputs, which it does not export, with a count. */
function meteredInput(base: InputClass): new (text: string, meter: Meter) => Input {
  return class extends base {
    readonly #meter: Meter;

    constructor(text: string, meter: Meter) {
      super(text);
      this.#meter = meter;
    }

    override step(position: number): number {
      this.#meter.work?.spend(1);
      return super.step(position);
    }

    override context(position: number): number {
      const { work, machine } = this.#meter;
      if (machine !== undefined) work?.spend(machine.q0.size + machine.q1.size);
      return super.context(position);
    }
  };
}

const nameOrSkipped = /\\Q.*?(?:\\E|$)|\\[^]|\[\^?\]?(?:\[:\^?\w*:\]|\\[^]|[^\]\\])*\]|\(\?P?<(\w+)>/gs;

/** Go lets two groups have one name, the engine does not: later ones get another name for it. */
function withUniqueNames(pattern: string): { source: string; names: ReadonlyMap<string, string> } {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  const source = pattern.replaceAll(nameOrSkipped, (whole: string, name: string | undefined) => {
    if (name === undefined) return whole;
    if (!seen.has(name)) {
      seen.add(name);
      return whole;
    }
    const other = `${name}_again_${names.size}`;
    names.set(other, name);
    return `(?P<${other}>`;
  });
  return { source, names };
}
