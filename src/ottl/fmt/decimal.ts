/** A number as 0.`digits` times ten to the `point`; the digits neither begin nor end with 0. */
export interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/** As few digits as tell the number from its neighbours. */
export function shortestDecimal(magnitude: number): Decimal {
  const [mantissa = '', exponent] = magnitude.toExponential().split('e');
  return trimmed(mantissa.replace('.', ''), Number(exponent) + 1);
}

/** All digits, of which a double has at most 767. */
export function exactDecimal(magnitude: number): Decimal {
  const { mantissa, exponent } = partsOf(magnitude);
  if (exponent >= 0) {
    const digits = (mantissa << BigInt(exponent)).toString();
    return trimmed(digits, digits.length);
  }
  const digits = (mantissa * 5n ** BigInt(-exponent)).toString();
  return trimmed(digits, digits.length + exponent);
}

/** The first digits, rounded half to even. */
export function rounded({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: '', point: 0 };
  const kept = digits.slice(0, count);
  const next = digits.charAt(count);
  const isHalf = next === '5' && count + 1 === digits.length;
  const isUp = isHalf ? Number(kept.at(-1) ?? 0) % 2 === 1 : next >= '5';
  if (!isUp) return trimmed(kept, point);
  const raised = (BigInt(kept === '' ? 0 : kept) + 1n).toString().padStart(count, '0');
  return trimmed(raised, point + raised.length - count);
}

function trimmed(digits: string, point: number): Decimal {
  const start = digits.search(/[1-9]/);
  if (start < 0) return { digits: '', point: 0 };
  let end = digits.length;
  while (digits[end - 1] === '0') end--;
  return { digits: digits.slice(start, end), point: point - start };
}

const view = new DataView(new ArrayBuffer(8));

/** A finite number as an integer times a power of two. */
export function partsOf(magnitude: number): { mantissa: bigint; exponent: number } {
  view.setFloat64(0, magnitude);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}
