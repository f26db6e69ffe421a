import { describe, expect, it } from 'vitest';
import { InterruptedError } from '../../src/pipeline/errors.ts';
import { Gate } from '../../src/pipeline/gate.ts';

const nothing = (): void => {};

describe('who waits at the gate', () => {
  it('may give up, and who stood behind gets in when it fits', async () => {
    const gate = new Gate(10, nothing);
    await gate.enter(8);
    const giveUp = new AbortController();
    const large = gate.enter(9, giveUp.signal);
    const small = gate.enter(2);
    expect(gate.isFull).toBe(true);
    giveUp.abort(new Error('waited long enough'));
    await expect(large).rejects.toThrow('waited long enough');
    await small;
    expect(gate.bytes).toBe(10);
    expect(gate.isFull).toBe(false);
  });

  it('takes nothing away when it gives up after it got in', async () => {
    const gate = new Gate(10, nothing);
    await gate.enter(10);
    const giveUp = new AbortController();
    const second = gate.enter(4, giveUp.signal);
    gate.leave(10);
    await second;
    giveUp.abort();
    expect(gate.bytes).toBe(4);
  });

  it('is refused at once when it gave up before', async () => {
    const gate = new Gate(10, nothing);
    await gate.enter(10);
    await expect(gate.enter(1, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(gate.isFull).toBe(false);
  });

  it('is interrupted when the gate closes', async () => {
    const gate = new Gate(10, nothing);
    await gate.enter(10);
    const waiting = gate.enter(1, new AbortController().signal);
    gate.close();
    await expect(waiting).rejects.toBeInstanceOf(InterruptedError);
  });
});
