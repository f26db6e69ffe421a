/** A user's own processor that fails in every way: row 35. */
import { readFileSync } from 'node:fs';
import { otlpTo, pipeline } from '../config.ts';
import { expect, matches, same } from '../expect.ts';
import type { Ended } from '../process.ts';
import { recorded } from '../recording.ts';
import type { Row } from '../row.ts';
import type { World } from '../world.ts';
import { ends } from './answers.ts';

const source = (handlers: string): string => `import { defineProcessor, newSpan } from 'respool';
export default defineProcessor({
  create: () => ({
    ${handlers}
  }),
});
`;

const isBad = "span.name === 'a span 57'";
const sources = {
  throws: source(`span(span) {
      if (${isBad}) throw new Error('no such customer');
    },`),
  rejects: source(`async span(span) {
      await new Promise((done) => setTimeout(done, 1));
      if (${isBad}) throw new Error('no such customer');
    },`),
  rejects_whole: source(`async batch(batch) {
      await new Promise((done) => setTimeout(done, 1));
      if (batch.spans().some((span) => ${isBad})) throw new Error('no such customer');
    },`),
  answers: source(`span: (span) => (${isBad} ? { name: 'no span' } : undefined),`),
  waits: source(`span: (span) => (${isBad} ? new Promise(() => {}) : undefined),`),
  blocks: source(`span(span) {
      if (${isBad}) for (const end = Date.now() + 1300; Date.now() < end; );
    },`),
  hangs: source(`batch() {
      process.stderr.write('it hangs\\n');
      return new Promise(() => {});
    },`),
};

type Name = keyof typeof sources;

export const ownProcessor: Row = {
  row: 35,
  fault: 'A custom processor throws, rejects, never resolves, answers garbage, or holds up the process',
  expected:
    'The run stops with exit 2 and names the file, the line and the item; nothing of the batch is counted as delivered. With `on_error: drop` or `dead_letter` the item alone is left out or kept, and the run ends with exit 3. A promise that does not end within `timeout` has failed; without one it can be interrupted, and what is inside is counted as abandoned. A batch that holds up the process is told of.',
  how: "Processors of the user's own that fail on one span of a hundred: throw, reject, answer an object, answer a promise without an end, compute for 1.3 s; one whose batch never ends: Ctrl-C, once and twice. A view that is used after its handler has ended is not noticed.",
  async run(world) {
    const recording = recorded({ records: 100 });
    const bad = [...recording.issued.keys()][57] ?? '';
    world.write('in/a.jsonl', recording.text);
    for (const [name, text] of Object.entries(sources)) world.write(`${name}.ts`, text);
    for (const name of ['throws', 'rejects', 'rejects_whole', 'answers', 'waits'] as const)
      await stops(world, name, bad);
    for (const name of ['throws', 'rejects', 'answers', 'waits'] as const) {
      await leavesOut(world, name, { bad, onError: 'drop' });
      await leavesOut(world, name, { bad, onError: 'dead_letter' });
    }
    await isToldOf(world);
    for (const times of [1, 2]) await interruptsHanging(world, times);
    return [
      'fail: exit 2 with file, line and words, the span not stored',
      'drop and dead_letter: 99 of 100 stored, exit 3, the letter in the file',
      'a promise without an end: failed after its timeout',
      'a block of 1.3 s: told of, 100 of 100 stored',
      'hangs: ended by Ctrl-C once or twice, exit 130, all that was inside abandoned, the ledger balances',
    ].join('; ');
  },
};

const words: Partial<Record<Name, RegExp>> = {
  answers: /span in answers\.ts answered an object that is no item/u,
  waits: /span in waits\.ts did not end within its `timeout` of 0\.2s/u,
};

function wordsOf(name: Name): RegExp {
  return words[name] ?? new RegExp(`${name}\\.ts:\\d+:\\d+: no such customer`, 'u');
}

async function stops(world: World, name: Name, bad: string): Promise<void> {
  const backend = await world.otlp();
  const processors = { [name]: { module: `./${name}.ts`, timeout: '200ms' } };
  const ended = await world.run(pipeline({ processors, exporters: otlpTo(backend.url) }));
  ends(ended, 2);
  matches(ended.stderr, wordsOf(name), 'the file, the line and the message');
  if (name === 'throws')
    matches(ended.stderr, /no such customer \(span \w{16} of trace \w{32}\)/u, 'the item');
  expect(!backend.stores.traces.first.has(bad), 'the span arrived');
}

async function leavesOut(
  world: World,
  name: Name,
  { bad, onError }: { bad: string; onError: 'drop' | 'dead_letter' },
): Promise<void> {
  const backend = await world.otlp();
  const processors = { [name]: { module: `./${name}.ts`, timeout: '200ms', on_error: onError } };
  const letters = `${name}-${onError}.jsonl`;
  const ended = await world.run(pipeline({ processors, exporters: otlpTo(backend.url) }), [
    '--dead-letters',
    letters,
  ]);
  ends(ended, 3);
  same(backend.stores.traces.first.size, 99, 'stored');
  expect(!backend.stores.traces.first.has(bad), 'the span arrived');
  same(droppedIn(ended), 1, 'dropped');
  matches(ended.stderr, wordsOf(name), 'the file, the line and the message');
  if (onError === 'drop') return;
  const kept = readFileSync(world.path(letters), 'utf8').trim().split('\n');
  same(kept.length, 1, 'dead letters');
  matches(kept[0] ?? '', /a span 57/u, 'the letter');
}

function droppedIn({ report }: Ended): number {
  const [flow] = report?.processors ?? [];
  return Object.values(flow?.dropped ?? {}).reduce((sum, items) => sum + items, 0);
}

async function isToldOf(world: World): Promise<void> {
  const backend = await world.otlp();
  const processors = { blocks: { module: './blocks.ts' } };
  const ended = await world.run(pipeline({ processors, exporters: otlpTo(backend.url) }));
  ends(ended, 0);
  matches(ended.stderr, /blocks\.ts held the whole process for \d+\.\d s with one batch/u, 'what is told');
  same(backend.stores.traces.first.size, 100, 'stored');
}

/** Ends by the grace after one signal, and at once after two. */
async function interruptsHanging(world: World, times: number): Promise<void> {
  const backend = await world.otlp();
  const running = world.start(
    pipeline({ processors: { hangs: { module: './hangs.ts' } }, exporters: otlpTo(backend.url) }),
    ['--grace', times === 1 ? '200ms' : '1m'],
  );
  await running.seen(/it hangs/u);
  running.child.kill('SIGINT');
  if (times === 2) {
    await running.seen(/Stopping: /u);
    running.child.kill('SIGINT');
  }
  const ended = await running.ended;
  ends(ended, 130);
  same(backend.stores.traces.total, 0, 'stored');
  const [inside] = ended.report?.processors ?? [];
  expect(inside !== undefined && inside.in > 0, 'the report does not tell of the processor');
  same(inside.abandoned, inside.in, 'abandoned of what is inside');
}
