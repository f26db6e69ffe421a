import process from 'node:process';

/** Opened by Node when it is read, and not before. */
export async function* standardInput(): AsyncGenerator<Uint8Array> {
  yield* process.stdin as AsyncIterable<Uint8Array>;
}
