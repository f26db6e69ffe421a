/**
 * Thresholds and randomness of OpenTelemetry's consistent probability sampling: 56-bit numbers as 14 lower-case hex
 * digits, whose order as text is their order. An item is kept when its threshold is not above its randomness.
 */

/** 14 hex digits, or `never`. */
export type Threshold = string;
/** 14 hex digits. */
export type Randomness = string;

const digits = 14;
const most = 2 ** 56;

export const always: Threshold = '0'.repeat(digits);
/** Above all randomness. */
export const never: Threshold = 'never';
/** Kept by every threshold but `never`. */
export const highest: Randomness = 'f'.repeat(digits);

export const smallestProbability = 1 / most;

export function keeps(threshold: Threshold, randomness: Randomness): boolean {
  return threshold <= randomness;
}

/** What stands behind `th:`; '' for `never`. */
export function thresholdText(threshold: Threshold): string {
  if (threshold === never) return '';
  return threshold === always ? '0' : threshold.replace(/0+$/, '');
}

/** The value of `th:`; undefined if it is none. */
export function parseThreshold(text: string): Threshold | undefined {
  return /^[0-9a-f]{1,14}$/i.test(text) ? text.toLowerCase().padEnd(digits, '0') : undefined;
}

/** The value of `rv:`; undefined if it is none. */
export function parseRandomness(text: string): Randomness | undefined {
  return /^[0-9a-f]{14}$/i.test(text) ? text.toLowerCase() : undefined;
}

/** Which part of all items the threshold keeps, from 0 to 1. */
export function probabilityOf(threshold: Threshold): number {
  return threshold === never ? 0 : Number(2n ** 56n - BigInt(`0x${threshold}`)) / most;
}

/**
 * The threshold that keeps this part of all items, rounded to `precision` hex digits; leading digits f or 0 of a
 * probability close to 0 or 1 are not counted. Undefined for a probability outside of 2^-56 to 1.
 */
export function thresholdFor(probability: number, precision: number): Threshold | undefined {
  if (!(probability >= smallestProbability && probability <= 1)) return undefined;
  if (probability === 1) return always;
  const kept = Math.min(digits, precision + Math.max(emptyDigits(probability), emptyDigits(1 - probability)));
  const exact = 2n ** 56n - BigInt(Math.round(probability * most));
  const cut = BigInt(4 * (digits - kept));
  const rounded = cut === 0n ? exact : ((exact + (1n << (cut - 1n))) >> cut) << cut;
  return rounded >= 2n ** 56n ? never : hexOf(rounded);
}

/** How many hex digits behind the point are 0. */
function emptyDigits(fraction: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, fraction);
  const exponent = ((bits.getUint16(0) >> 4) & 0x7ff) - 1022;
  return Math.trunc(exponent / -4);
}

/** A threshold of its 14 uppermost bits. */
export function thresholdOfBuckets(rejected: number): Threshold {
  return hexOf(BigInt(rejected) << 42n);
}

function hexOf(value: bigint): string {
  return value.toString(16).padStart(digits, '0');
}
