/** Runs statements or conditions on the records of a recording and tells what they did to each. */
import type { AnyBatch } from '../../model/batches.ts';
import type { Signal } from '../../model/signal.ts';
import type { ContextName } from '../../ottl/contexts.ts';
import { formatOttlProblem, OttlEvalError } from '../../ottl/errors.ts';
import { describeValue, type OttlMap, type OttlValue } from '../../ottl/values.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { recordNouns } from '../../processors/shared/failures.ts';
import { newTarget, type RecordTarget } from '../../processors/shared/target.ts';
import { eachRecord } from '../../processors/transform/walk.ts';
import { printable } from '../../exporters/debug/text.ts';
import { countText, itemsText, plural } from '../text.ts';
import { difference } from './difference.ts';
import type { Program } from './program.ts';
import { Camera, titleOf } from './record.ts';

interface TextCounts {
  /** Records that it ran on: its condition held, or it is a condition that is true. */
  ran: number;
  failed: number;
}

export class Trial {
  private readonly programs: ReadonlyMap<Signal, Program>;
  private readonly limit: number;
  private readonly counts = new Map<string, TextCounts>();
  /** How many records of which context. */
  private readonly records = new Map<ContextName, number>();
  private readonly others = new Map<Signal, number>();
  private readonly camera = new Camera();
  private touched = 0;
  private failed = 0;
  private shown = 0;
  private hidden = 0;

  constructor(programs: ReadonlyMap<Signal, Program>, limit: number) {
    this.programs = programs;
    this.limit = limit;
  }

  /** Whether statements run, and not conditions. */
  private get edits(): boolean {
    return [...this.programs.values()].some(({ statements }) => statements.length > 0);
  }

  get hasFailures(): boolean {
    return this.failed > 0;
  }

  /** Runs on all records of the batch; what there is to show of them, ending in line feeds. */
  run(batch: AnyBatch, input: string): string {
    const program = this.programs.get(batch.signal);
    if (program === undefined) {
      this.others.set(batch.signal, (this.others.get(batch.signal) ?? 0) + batch.itemCount);
      return '';
    }
    const blocks: string[] = [];
    const target = newTarget(systemClock);
    const cache: OttlMap = (target.cache = new Map());
    const one = this.edits ? this.edit.bind(this) : this.judge.bind(this);
    eachRecord(batch, program.context, target, () => {
      cache.clear();
      this.records.set(program.context, (this.records.get(program.context) ?? 0) + 1);
      const block = one(program, target, input);
      if (block !== undefined) blocks.push(block);
    });
    return blocks.join('');
  }

  /** The end of the trial in words. */
  summary(): string {
    const all = [...this.records].map(([context, count]) => recordsText(context, count)).join(', ');
    const read = [...this.records.values()].reduce((sum, count) => sum + count, 0);
    if (read === 0) return this.nothingText();
    const [did, didNot, ran] = this.edits
      ? ['changed', 'unchanged', 'ran on']
      : ['matched', 'not matched', 'true for'];
    const failed = this.failed === 0 ? '' : `; failed on ${countText(this.failed)}`;
    const lines = [
      `${all}: ${countText(this.touched)} ${did}, ${countText(read - this.touched)} ${didNot}${failed}`,
    ];
    if (this.counts.size > 1 || this.failed > 0)
      for (const [text, counts] of this.counts)
        lines.push(`  ${ran} ${countsText(counts)}: ${oneLine(text)}`);
    if (this.hidden > 0) lines.push(`${plural(this.hidden, 'more record')} not shown: raise --limit`);
    return lines.join('\n');
  }

  private nothingText(): string {
    const contexts = [...new Set([...this.programs.values()].map(({ context }) => context))];
    const wanted = contexts.map((context) => recordNouns[context].many).join(', ');
    const found = [...this.others].map(([signal, count]) => itemsText(signal, count));
    return `no ${wanted} in the input${found.length === 0 ? '' : `, which has ${found.join(', ')}`}`;
  }

  /** All statements on one record, as `transform` runs them: one that fails does not stop the next. */
  private edit({ context, statements }: Program, target: RecordTarget, input: string): string | undefined {
    const title = titleOf(context, target);
    const before = this.camera.take(target);
    let ran = 0;
    const failures: string[] = [];
    for (const statement of statements) {
      const isRun = this.attempt(statement.text, () => statement.execute(target), failures);
      if (isRun) ran++;
    }
    if (ran === 0 && failures.length === 0) return undefined;
    const changes = difference(before, this.camera.take(target));
    if (changes.length > 0) this.touched++;
    if (changes.length === 0 && failures.length === 0) return undefined;
    return this.block(`${title}  ${input}`, [...changes, ...failures], failures.length > 0);
  }

  private judge({ context, conditions }: Program, target: RecordTarget, input: string): string | undefined {
    const failures: string[] = [];
    const held = conditions.filter(({ text, test }) => this.attempt(text, () => test(target), failures));
    if (held.length > 0) this.touched++;
    const verdict = held.length > 0 ? 'yes' : 'no ';
    const which = conditions.length > 1 ? held.map(({ text }) => `by ${printable(oneLine(text))}`) : [];
    const title = `${verdict}  ${titleOf(context, target)}  ${input}`;
    return this.block(title, [...which, ...failures], failures.length > 0);
  }

  private attempt(text: string, run: () => boolean, failures: string[]): boolean {
    let counts = this.counts.get(text);
    if (counts === undefined) this.counts.set(text, (counts = { ran: 0, failed: 0 }));
    try {
      const isRun = run();
      if (isRun) counts.ran++;
      return isRun;
    } catch (error) {
      if (!(error instanceof OttlEvalError)) throw error;
      counts.failed++;
      failures.push(failureText(error));
      return false;
    }
  }

  private block(title: string, lines: readonly string[], hasFailed: boolean): string | undefined {
    if (hasFailed) this.failed++;
    if (this.shown >= this.limit) {
      this.hidden++;
      return undefined;
    }
    this.shown++;
    const body = lines.map((text) => text.replaceAll(/^/gm, '    '));
    return `${[title, ...body].join('\n')}\n`;
  }
}

function recordsText(context: ContextName, count: number): string {
  const { one, many } = recordNouns[context];
  return plural(count, one, many);
}

function countsText({ ran, failed }: TextCounts): string {
  return `${countText(ran)}${failed === 0 ? '' : `, failed on ${countText(failed)}`}`;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}

/** The reason, the statement with a caret, and the values that met there. */
function failureText({ text, place, reason, values }: OttlEvalError): string {
  const { start, end } = place;
  const problem = { text, offset: start, length: end - start, message: `! ${printable(reason, 500)}` };
  const met = values.map((value) => printable(describeValue(value as OttlValue), 200));
  return [formatOttlProblem(problem), ...(met.length === 0 ? [] : [`  with ${met.join(' and ')}`])].join(
    '\n',
  );
}
