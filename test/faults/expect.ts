/** What a row asks of what it sees. */

/** An expectation that does not hold; its message says what was expected and what was seen. */
export class Unmet extends Error {
  override readonly name = 'Unmet';
}

export function expect(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Unmet(message);
}

export function same(seen: unknown, wanted: unknown, what: string): void {
  expect(Object.is(seen, wanted), `${what}: expected ${String(wanted)}, seen ${String(seen)}`);
}

export function matches(text: string, pattern: RegExp, what: string): void {
  expect(pattern.test(text), `${what}: expected ${pattern.source}, seen\n${text}`);
}

export function lacks(text: string, pattern: RegExp, what: string): void {
  expect(!pattern.test(text), `${what}: expected no ${pattern.source}, seen\n${text}`);
}
