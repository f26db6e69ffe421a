import { expect, test } from 'vitest';
import { Checkpointing } from '../../src/pipeline/checkpointing.ts';

const epochBytes = 100;

/** Batches of an epoch's size, each settled at once, with what is saved of them. */
function running() {
  const facts = { snapshots: 0, isFull: false, saved: [] as number[], bytes: 0 };
  const timers: (() => void)[] = [];
  const checkpointing = new Checkpointing<number>({
    epochBytes,
    snapshot: async () => ++facts.snapshots,
    save: async (snapshot) => {
      facts.saved.push(snapshot);
    },
    tallies: () => [],
    onSaved: (bytes) => (facts.bytes += bytes),
    onFailure: (error) => {
      throw error;
    },
    later: (callback) => timers.push(callback),
    isFull: () => facts.isFull,
  });
  const rest = () => new Promise((resolve) => setImmediate(resolve));
  const handOver = async (bytes = epochBytes): Promise<void> => {
    const epoch = checkpointing.enter(bytes);
    await rest();
    checkpointing.leave(epoch, true);
    await rest();
  };
  const elapse = async (): Promise<void> => {
    for (const timer of timers.splice(0)) timer();
    await rest();
  };
  return { checkpointing, facts, handOver, elapse, rest };
}

test('of two epochs that become full the second is saved, which stands for both', async () => {
  const { facts, handOver } = running();
  await handOver();
  expect(facts.saved).toEqual([]);
  await handOver();
  expect(facts).toMatchObject({ saved: [2], bytes: 2 * epochBytes });
  await handOver();
  await handOver();
  expect(facts).toMatchObject({ saved: [2, 4], bytes: 4 * epochBytes });
});

test('each is saved while somebody waits for room, and at once when somebody comes', async () => {
  const { checkpointing, facts, handOver, rest } = running();
  await handOver();
  facts.isFull = true;
  checkpointing.makeRoom();
  await rest();
  expect(facts).toMatchObject({ saved: [1], bytes: epochBytes });
  await handOver();
  expect(facts).toMatchObject({ saved: [1, 2], bytes: 2 * epochBytes });
});

test('the time that an epoch may take is the time until it is saved, whether something came since or not', async () => {
  const { facts, handOver, elapse } = running();
  await handOver();
  await elapse();
  expect(facts).toMatchObject({ saved: [1], bytes: epochBytes });
  await handOver(1);
  await elapse();
  expect(facts).toMatchObject({ saved: [1, 2], bytes: epochBytes + 1 });
});

test('the end saves what is left', async () => {
  const { checkpointing, facts, handOver } = running();
  await handOver();
  await handOver(1);
  await checkpointing.finish();
  expect(facts).toMatchObject({ saved: [2], bytes: epochBytes + 1 });
});

test('what is cut because its time has come is saved too, behind an epoch that was settled before', async () => {
  const { checkpointing, facts, handOver, elapse, rest } = running();
  await handOver();
  const last = checkpointing.enter(1);
  await elapse();
  expect(facts).toMatchObject({ saved: [1], bytes: epochBytes });
  checkpointing.leave(last, true);
  await rest();
  expect(facts).toMatchObject({ saved: [1, 2], bytes: epochBytes + 1 });
});
