/**
 * Bad days of the real Tempo: limits that it keeps in silence or tells of, and crashes in the middle of a replay. What the
 * ledger says is compared, span by span, with what Tempo's query API gives.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { otlpTo, pipeline } from '../faults/config.ts';
import type { Ended, Running } from '../faults/process.ts';
import { World, type Config } from '../faults/world.ts';
import { badTraces, type TraceRecording, type TraceRecordingOptions } from './support/bad-traces.ts';
import { crashTwice } from './support/crash-twice.ts';
import { Gate } from './support/gate.ts';
import { LastingPeer } from './support/lasting-peer.ts';
import { deadLetters, told, type Told } from './support/ledger.ts';
import { hasPeers } from './support/peers.ts';
import { tempoSpans } from './support/tempo-store.ts';

const generous = {
  MAX_BYTES_PER_TRACE: 0,
  RATE_LIMIT_BYTES: 500_000_000,
  BURST_BYTES: 500_000_000,
  MAX_TRACES: 0,
};
const small = { traces: 300, spansPerTrace: 10, padding: 300, badEvery: 30 };
/** Of peers/tempo.yaml, with room for a busy machine. */
const unflushed = '3s';

describe.skipIf(!hasPeers('tempo'))('a Tempo', () => {
  let replay: Replay;
  afterEach(() => replay?.close());

  it('that drops in silence what is too much of a trace leaves it uncertain', async () => {
    const limits = { ...generous, MAX_BYTES_PER_TRACE: 200_000 };
    const options = { ...small, largeSpans: 1500 };
    replay = await Replay.of(limits, options, { max_bytes_per_trace: '200kB', max_live_traces: 0 });
    const { counts, kinds } = await replay.compare(await replay.start().ended);
    const discarded = await replay.tempo.metric('tempo_discarded_spans_total', 'trace_too_large');
    expect(discarded).toBeGreaterThan(0);
    expect(kinds).toEqual({ good: 0, 'bad id': 10, large: discarded });
    expect(counts.uncertain).toBeGreaterThanOrEqual(discarded);
    expect(counts.uncertain).toBeLessThan(1500);
    expect(counts).toMatchObject({ refused: 0, deadLettered: 10 });
  });

  it('that drops in silence what is too many traces leaves it uncertain', async () => {
    const limits = { ...generous, MAX_TRACES: 40 };
    replay = await Replay.of(limits, small, { max_bytes_per_trace: 0, max_live_traces: 40 });
    const { counts, kinds } = await replay.compare(await replay.start().ended);
    const discarded = await replay.tempo.metric('tempo_discarded_spans_total', 'live_traces_exceeded');
    expect(discarded).toBeGreaterThan(0);
    expect(kinds).toEqual({ good: discarded, 'bad id': 10, large: 0 });
    expect(counts.delivered).toBeGreaterThan(0);
  });

  it('that limits the rate has every span in the end, though requests are larger than its burst', async () => {
    const limits = { ...generous, RATE_LIMIT_BYTES: 300_000, BURST_BYTES: 200_000 };
    replay = await Replay.of(limits, small, {}, '512KiB');
    const { counts, kinds } = await replay.compare(await replay.start().ended);
    expect(replay.gate.statuses.get(429)).toBeGreaterThan(0);
    expect(kinds).toEqual({ good: 0, 'bad id': 10, large: 0 });
    expect(counts).toMatchObject({ delivered: 3000, uncertain: 0, deadLettered: 10 });
  });

  it('that is killed in the middle of a replay leaves uncertain what it had in memory alone', async () => {
    replay = await Replay.of(generous, small, { unflushed, max_bytes_per_trace: 0, max_live_traces: 0 });
    const running = replay.start();
    await crashTwice(replay.gate, replay.tempo, 12);
    const { counts } = await replay.compare(await running.ended);
    expect(counts.retries).toBeGreaterThan(0);
    expect(counts.uncertain).toBeGreaterThan(0);
    expect(counts.delivered).toBeGreaterThan(0);
  });

  it('sees Respool killed twice and resumed, and the ledger of the last run is what Tempo has', async () => {
    replay = await Replay.of(generous, small, { unflushed, max_bytes_per_trace: 0, max_live_traces: 0 });
    for (const moment of ['asked', 'answered'] as const) {
      const { child, ended } = replay.start();
      await replay.gate.cut(15, moment, async () => void child.kill('SIGKILL'));
      await ended;
    }
    const { counts, kinds } = await replay.compare(await replay.start().ended);
    expect(kinds).toEqual({ good: 0, 'bad id': 10, large: 0 });
    expect(counts).toMatchObject({ delivered: 3000, uncertain: 0 });
  });
});

/** A Tempo of its own, and a recording on its way into it. */
class Replay {
  readonly tempo: LastingPeer;
  readonly gate: Gate;
  private readonly recording: TraceRecording;
  private readonly world = new World();
  private readonly limits: Config;
  private readonly batch: string;
  private url = '';

  private constructor(tempo: LastingPeer, recording: TraceRecording, limits: Config, batch: string) {
    this.tempo = tempo;
    this.gate = new Gate(tempo.push);
    this.recording = recording;
    this.limits = limits;
    this.batch = batch;
    this.world.write('in/traces.jsonl', recording.text);
  }

  /**
   * @param given what Respool is told of the limits
   * @param batch how many bytes are read, and sent, at once
   */
  static async of(
    limits: Record<string, number>,
    options: Omit<TraceRecordingOptions, 'name'>,
    given: Config,
    batch = '32KiB',
  ): Promise<Replay> {
    const tempo = new LastingPeer('tempo', { portBase: 26_600, limits });
    const replay = new Replay(tempo, badTraces({ name: String(Math.random()), ...options }), given, batch);
    replay.url = await replay.gate.open();
    await tempo.start();
    return replay;
  }

  async close(): Promise<void> {
    await this.world.close();
    await this.gate.close();
    await this.tempo.remove();
  }

  start(): Running {
    const { url, limits: tempo, batch } = this;
    const config = pipeline({
      exporters: otlpTo(url, { tempo }),
      receiver: { batch_bytes: batch },
      service: { max_in_flight: '1MiB' },
    });
    return this.world.start(config, ['--resume', '--quiet'], { limitMs: 100_000 });
  }

  /** How many spans of each kind are not there, after it is certain that the ledger says so. */
  async compare(ended: Ended): Promise<{ counts: Told; kinds: Record<string, number> }> {
    expect([0, 3], ended.stderr.slice(-1000)).toContain(ended.exitCode);
    const counts = told(ended);
    const { sent } = this.recording;
    const stored: string[] = [];
    for (const id of new Set(sent.map(({ traceId }) => traceId)))
      stored.push(...(await tempoSpans(this.tempo.query, id)).map((spanId) => `${id} ${spanId}`));
    const distinct = new Set(stored);
    const missing = sent.filter(({ traceId, spanId }) => !distinct.has(`${traceId} ${spanId}`));
    expect(sent.length - missing.length, 'spans that nobody sent').toBe(distinct.size);

    const { delivered, uncertain, refused, deadLettered, possiblyDuplicated } = counts;
    expect(delivered + uncertain + refused + deadLettered).toBe(sent.length);
    expect(distinct.size).toBeGreaterThanOrEqual(delivered);
    expect(distinct.size).toBeLessThanOrEqual(delivered + uncertain);
    expect(stored.length - distinct.size).toBeLessThanOrEqual(possiblyDuplicated);
    const letters = deadLetters(this.world);
    expect(letters.split('\n').filter((line) => line !== '')).toHaveLength(deadLettered);
    expect([...distinct].filter((ids) => letters.includes(ids.slice(33)))).toEqual([]);
    const lostOf = (kind: string): number => missing.filter((span) => span.kind === kind).length;
    return { counts, kinds: { good: lostOf('good'), 'bad id': lostOf('bad id'), large: lostOf('large') } };
  }
}
