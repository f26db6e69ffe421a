import { describe, expect, it } from 'vitest';
import { AdaptiveSlots, Slots, successesPerSlot } from '../../src/pipeline/queue.ts';

/** Works that end when the test says so. */
function works() {
  const open: ((result: string) => void)[] = [];
  let busy = 0;
  return {
    open,
    get busy() {
      return busy;
    },
    start: async (): Promise<string> => {
      busy++;
      try {
        return await new Promise<string>((resolve) => open.push(resolve));
      } finally {
        busy--;
      }
    },
    end: async (result = 'well') => {
      open.shift()?.(result);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('slots', () => {
  it('let in as many as there are, in order, also after a failure', async () => {
    const slots = new Slots(2);
    const order: number[] = [];
    const one = (at: number) =>
      slots.run(async () => {
        order.push(at);
        await settle();
        if (at === 0) throw new Error('x');
      });
    const results = await Promise.allSettled([0, 1, 2, 3, 4].map(one));
    expect(results.map(({ status }) => status)).toEqual(['rejected', ...Array<string>(4).fill('fulfilled')]);
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it('can become fewer and more while they are in use', async () => {
    const slots = new Slots(4);
    const work = works();
    const all = Array.from({ length: 8 }, () => slots.run(work.start));
    await settle();
    expect(work.busy).toBe(4);
    slots.resize(2);
    await work.end();
    await work.end();
    expect(work.busy).toBe(2);
    await work.end();
    expect(work.busy).toBe(2);
    slots.resize(4);
    await settle();
    expect(work.busy).toBe(4);
    while (work.open.length > 0) await work.end();
    await Promise.all(all);
  });
});

describe('adaptive slots', () => {
  const said = (result: string): 'too much' | 'well' | undefined =>
    result === 'too much' || result === 'well' ? result : undefined;

  it('are half as many when it is too much, once for all that were under way, and never none', async () => {
    const slots = new AdaptiveSlots(8);
    const work = works();
    const all = Array.from({ length: 8 }, () => slots.run(work.start, said));
    await settle();
    while (work.open.length > 0) await work.end('too much');
    await Promise.all(all);
    expect(slots.count).toBe(4);
    const counts: number[] = [];
    for (let at = 0; at < 4; at++) {
      await slots.run(async () => await Promise.resolve('too much'), said);
      counts.push(slots.count);
    }
    expect(counts).toEqual([2, 1, 1, 1]);
  });

  it('grow back by one after every ten that went well, and not beyond', async () => {
    const slots = new AdaptiveSlots(3);
    const run = (result: string) => slots.run(async () => await Promise.resolve(result), said);
    await run('too much');
    await run('too much');
    expect(slots.count).toBe(1);
    const counts: number[] = [];
    for (let at = 0; at < 4 * successesPerSlot; at++) {
      await run('well');
      await run('neither');
      counts.push(slots.count);
    }
    expect(counts.indexOf(2)).toBe(successesPerSlot - 1);
    expect(counts.indexOf(3)).toBe(2 * successesPerSlot - 1);
    expect(Math.max(...counts)).toBe(3);
  });

  it('give a slot back after a failure', async () => {
    const slots = new AdaptiveSlots(1);
    await expect(slots.run(() => Promise.reject(new Error('x')), said)).rejects.toThrow('x');
    await expect(slots.run(async () => await Promise.resolve('well'), said)).resolves.toBe('well');
  });
});
