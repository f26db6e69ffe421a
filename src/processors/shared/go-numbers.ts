/** Numbers as Go's strconv reads them, for conversions that must give what the Collector gives. */

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

/** `ParseInt(text, 10, 64)`; undefined where that is an error. */
export function parseGoInt(text: string): bigint | undefined {
  const [, sign, digits] = /^([+-]?)0*([0-9]{1,19})$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  return value < minInt64 || value > maxInt64 ? undefined : value;
}

const infinity = /^[+-]?inf(?:inity)?$/i;
/** Underscores may stand between digits. What is behind a point needs one, so that each text can be read in one way only. */
const decimal =
  /^[+-]?(?:[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?|\.[0-9]+(?:_[0-9]+)*)(?:e[+-]?[0-9]+(?:_[0-9]+)*)?$/i;
const hexadecimal =
  /^([+-]?)0x_?([0-9a-f]*(?:_[0-9a-f]+)*)(?:\.([0-9a-f]*(?:_[0-9a-f]+)*))?p([+-]?[0-9]+(?:_[0-9]+)*)$/i;

/** `ParseFloat(text, 64)`; undefined where that is an error, numbers too large for a double included. */
export function parseGoFloat(text: string): number | undefined {
  if (infinity.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  const value = decimal.test(text) ? Number(text.replaceAll('_', '')) : parseHexFloat(text);
  return value === undefined || !Number.isFinite(value) ? undefined : value;
}

function parseHexFloat(text: string): number | undefined {
  const [, sign, whole = '', fraction = '', exponent = ''] =
    hexadecimal.exec(text)?.map((part: string | undefined) => part?.replaceAll('_', '')) ?? [];
  const digits = whole + fraction;
  if (digits === '') return undefined;
  const power = Number(exponent) - 4 * fraction.length;
  const half = Math.trunc(power / 2);
  const value = Number(BigInt(`0x${digits}`)) * 2 ** half * 2 ** (power - half);
  return sign === '-' ? -value : value;
}

/** `int64(value)` on amd64: cut off towards zero; what does not fit is the smallest int64. */
export function truncateToInt(value: number): bigint {
  if (!Number.isFinite(value)) return minInt64;
  const whole = BigInt(Math.trunc(value));
  return whole < minInt64 || whole > maxInt64 ? minInt64 : whole;
}
