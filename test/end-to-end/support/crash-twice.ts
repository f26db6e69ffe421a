/** Kills a backend twice in the middle of a replay, and starts it again each time. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Gate } from './gate.ts';
import type { LastingPeer } from './lasting-peer.ts';

const downMs = 200;

/** Each time after so many more requests; once before it has the last of them, once when nobody has heard its answer. */
export async function crashTwice(gate: Gate, peer: LastingPeer, after: number): Promise<void> {
  await gate.cut(after, 'asked', () => peer.kill());
  const back = delay(downMs).then(() => peer.start());
  // Planned before the backend is back: of a quick replay there would be too little left after that.
  await gate.cut(after, 'answered', async () => {
    await back;
    await peer.kill();
  });
  await delay(downMs);
  await peer.start();
}
