import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port at which nothing listens, and at which no test that runs beside this one will: systems give out ports from 32768 on
 * to who asks for any.
 */
export async function deadPort(): Promise<number> {
  const port = randomInt(10_240, 32_768);
  const probe = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!isFree) return await deadPort();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
