import { isPrintable, quoted } from './strings.ts';
import { padded, withoutZero } from './style.ts';
import type { Style } from './style.ts';

const bases: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

/** An int64, or an unsigned number, for a verb as in Go's `fmt`; undefined for a verb that ints do not know. */
export function formatInteger(
  value: bigint,
  verb: string,
  style: Style,
  kind: 'signed' | 'unsigned' = 'signed',
): string | undefined {
  if (verb === 'v' && style.sharpV && kind === 'unsigned')
    return digitsOf(value, 'x', 16, { ...style, sharp: true });
  const base = bases[verb];
  if (base !== undefined) return digitsOf(value, verb, base, style);
  if (verb === 'c') return padded(character(value), style);
  if (verb === 'q') return padded(quoted(character(value), "'", style.plus), style);
  return verb === 'U' ? unicode(BigInt.asUintN(64, value), style) : undefined;
}

function character(value: bigint): string {
  const isOne = value >= 0n && value <= 0x10ffffn && (value < 0xd800n || value > 0xdfffn);
  return isOne ? String.fromCodePoint(Number(value)) : '\ufffd';
}

function unicode(value: bigint, style: Style): string {
  const hex = value
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(style.precision ?? 4, 4), '0');
  const isShown = style.sharp && value <= 0x10ffffn && isPrintable(character(value));
  return padded(`U+${hex}${isShown ? ` '${character(value)}'` : ''}`, withoutZero(style));
}

function digitsOf(value: bigint, verb: string, base: number, style: Style): string {
  const { precision, width = 0 } = style;
  if (precision === 0 && value === 0n) return ' '.repeat(width);
  const sign = signOf(value, style);
  let least = precision ?? 0;
  if (precision === undefined && style.zero && !style.minus) least = width - sign.length;
  const digits = (value < 0n ? -value : value).toString(base).padStart(least, '0');
  const shown = sign + prefixOf(digits, verb, base, style) + digits;
  return padded(verb === 'X' ? shown.toUpperCase() : shown, withoutZero(style));
}

function signOf(value: bigint, { plus, space }: Style): string {
  if (value < 0n) return '-';
  if (plus) return '+';
  return space ? ' ' : '';
}

function prefixOf(digits: string, verb: string, base: number, { sharp }: Style): string {
  const octal = sharp && base === 8 && !digits.startsWith('0') ? '0' : '';
  if (verb === 'O') return `0o${octal}`;
  if (!sharp) return '';
  if (base === 2) return '0b';
  return base === 16 ? '0x' : octal;
}
