/**
 * Bad days of the real Loki: limits that a recording meets, and crashes in the middle of its replay, on both ways into it.
 * What the ledger says is compared, line by line, with what Loki's query API gives.
 */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { lokiTo, otlpTo, pipeline } from '../faults/config.ts';
import type { Ended, Running } from '../faults/process.ts';
import { World } from '../faults/world.ts';
import { badLogs, labelAttributes, type LogRecording, type LogRecordingOptions } from './support/bad-logs.ts';
import { crashTwice } from './support/crash-twice.ts';
import { Gate } from './support/gate.ts';
import { LastingPeer } from './support/lasting-peer.ts';
import { deadLetters, told, type Told } from './support/ledger.ts';
import { lokiLines } from './support/loki-store.ts';
import { hasPeers } from './support/peers.ts';

const ways = ['loki', 'otlp_http'] as const;
type Way = (typeof ways)[number];

const generous = {
  INGESTION_RATE_MB: 200,
  INGESTION_BURST_MB: 400,
  STREAM_RATE: '200MB',
  STREAM_BURST: '400MB',
  SHARD_STREAMS: true,
};
const many = { services: 4, records: 5000, padding: 500, badEvery: 100 };
const labels = Object.fromEntries(
  labelAttributes.map((key) => [key.replaceAll('.', '_'), `resource.${key}`]),
);

describe.skipIf(!hasPeers('loki'))('a Loki with limits', () => {
  let loki: LastingPeer;
  beforeAll(async () => {
    loki = new LastingPeer('loki', { portBase: 26_200, limits: generous });
    await loki.start();
  });
  afterAll(() => loki?.remove());

  describe.each(ways)('by %s', (way) => {
    it('takes what is good of records too old, too new, too long and with bad labels, and the ledger says which', async () => {
      const replay = await Replay.of(loki, way, { services: 3, records: 2100, badEvery: 7 });
      const ended = await replay.start().ended;
      expect(ended.exitCode, ended.stderr.slice(-1000)).toBe(3);
      const { delivered, uncertain, refused, deadLettered } = await replay.compare(ended);
      expect({ delivered, uncertain, lost: refused + deadLettered }).toEqual({
        delivered: 1800,
        uncertain: 0,
        lost: 300,
      });
    });

    it('refuses what is far behind the rest of its stream, wherever in a batch that stands', async () => {
      const replay = await Replay.of(loki, way, {
        services: 3,
        records: 2000,
        badEvery: 7,
        kinds: ['behind'],
      });
      const { delivered, uncertain } = await replay.compare(await replay.start().ended);
      expect(delivered).toBeGreaterThanOrEqual(1715);
      expect(delivered).toBeLessThan(1900);
      expect(uncertain).toBe(0);
    });

    it('is killed twice in the middle of a replay, and the ledger of it is what Loki has in the end', async () => {
      const replay = await Replay.of(loki, way, many);
      const running = replay.start();
      await crashTwice(replay.gate, loki, 20);
      const { retries, uncertain, possiblyDuplicated } = await replay.compare(await running.ended);
      expect(retries).toBeGreaterThan(0);
      expect(possiblyDuplicated).toBeGreaterThan(0);
      expect(uncertain).toBe(0);
    });

    it('sees Respool killed twice and resumed, and the ledger of the last run is what Loki has', async () => {
      const replay = await Replay.of(loki, way, many);
      for (const moment of ['asked', 'answered'] as const) {
        const { child, ended } = replay.start();
        await replay.gate.cut(25, moment, async () => void child.kill('SIGKILL'));
        await ended;
      }
      const { uncertain } = await replay.compare(await replay.start().ended, { isResumed: true });
      expect(uncertain).toBe(0);
    });
  });
});

describe.skipIf(!hasPeers('loki')).each([true, false])(
  'a Loki that limits the rate, shard_streams: %s',
  (sharding) => {
    let loki: LastingPeer;
    beforeAll(async () => {
      const limits = {
        INGESTION_RATE_MB: 0.75,
        INGESTION_BURST_MB: 0.75,
        STREAM_RATE: '256KB',
        STREAM_BURST: '256KB',
        SHARD_STREAMS: sharding,
      };
      loki = new LastingPeer('loki', { portBase: 26_210, limits });
      await loki.start();
    });
    afterAll(() => loki?.remove());

    it.each(ways)('has every line by %s, though requests are larger than its bursts', async (way) => {
      const options = { services: 3, records: 1600, padding: 500, badEvery: 200 };
      const replay = await Replay.of(loki, way, options, { batch: '1MiB' });
      const { uncertain, delivered } = await replay.compare(await replay.start().ended);
      expect(replay.gate.statuses.get(429)).toBeGreaterThan(0);
      expect({ uncertain, delivered }).toEqual({ uncertain: 0, delivered: 1592 });
    });
  },
);

/** A recording on its way into Loki. */
class Replay {
  readonly gate: Gate;
  private readonly loki: LastingPeer;
  private readonly way: Way;
  private readonly recording: LogRecording;
  private readonly world = new World();
  private readonly batch: string;
  private url = '';
  private static number = 0;

  private constructor(loki: LastingPeer, way: Way, recording: LogRecording, batch: string) {
    this.loki = loki;
    this.way = way;
    this.gate = new Gate(loki.push);
    this.batch = batch;
    this.recording = recording;
    this.world.write('in/logs.jsonl', recording.text);
  }

  /** @param batch how many bytes are read, and sent, at once */
  static async of(
    loki: LastingPeer,
    way: Way,
    options: Omit<LogRecordingOptions, 'name'>,
    { batch = '64KiB' } = {},
  ): Promise<Replay> {
    const replay = new Replay(loki, way, badLogs({ name: `day${++Replay.number}`, ...options }), batch);
    replay.url = await replay.gate.open();
    onTestFinished(async () => {
      await replay.world.close();
      await replay.gate.close();
    });
    return replay;
  }

  start(): Running {
    const { way, url, batch } = this;
    const exporters = way === 'loki' ? lokiTo(url, { labels }) : otlpTo(`${url}/otlp`);
    const receiver = { batch_bytes: batch };
    const config = pipeline({ signals: ['logs'], exporters, receiver, service: { max_in_flight: '2MiB' } });
    return this.world.start(config, ['--resume', '--quiet'], { limitMs: 100_000 });
  }

  async compare(ended: Ended, { isResumed = false } = {}): Promise<Told> {
    expect([0, 3], ended.stderr.slice(-1000)).toContain(ended.exitCode);
    const counts = told(ended);
    const { sent, selector, range } = this.recording;
    const stored = await lokiLines(this.loki.query, selector, range);
    const distinct = new Set(stored);
    const missing = sent.filter(({ line }) => !distinct.has(line));
    expect(sent.length - missing.length, 'lines that nobody sent').toBe(distinct.size);
    expect(missing.filter(({ kind }) => kind === 'good')).toEqual([]);

    const { delivered, uncertain, refused, deadLettered, possiblyDuplicated } = counts;
    expect(delivered + uncertain + refused + deadLettered).toBe(sent.length);
    expect(distinct.size).toBeGreaterThanOrEqual(delivered);
    expect(distinct.size).toBeLessThanOrEqual(delivered + uncertain);
    // What was sent again after a kill of Respool, its next run cannot know of; Loki keeps it once all the same.
    expect(stored.length - distinct.size).toBeLessThanOrEqual(isResumed ? 0 : possiblyDuplicated);

    const letters = deadLetters(this.world);
    const dead = sent.filter(({ line }) => letters.includes(JSON.stringify(line)));
    expect(dead.filter(({ line }) => distinct.has(line))).toEqual([]);
    if (!isResumed) expect(dead).toHaveLength(deadLettered);
    return counts;
  }
}
