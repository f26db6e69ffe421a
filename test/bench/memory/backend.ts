/**
 * A backend of its own process: takes everything, answers after a while and remembers nothing but sums, which it writes to
 * standard output when its standard input ends. usage: node backend.ts DELAY_MS
 */
import { createServer } from 'node:http';
import process from 'node:process';
import type { AddressInfo } from 'node:net';

const delayMs = Number(process.argv[2] ?? 0);
const sums = { requests: 0, bytes: 0 };

const server = createServer((request, response) => {
  request.on('data', (chunk: Buffer) => (sums.bytes += chunk.length));
  request.on('end', () => {
    sums.requests++;
    setTimeout(() => response.end(), delayMs);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log((server.address() as AddressInfo).port);
});

process.stdin.resume();
process.stdin.on('end', () => {
  console.log(JSON.stringify(sums));
  server.closeAllConnections();
  server.close();
});
