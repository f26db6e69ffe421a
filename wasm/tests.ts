/** The conditions of a program. */
import { isSame } from './copy';
import { isMatch } from './host';
import { isThere, isUnclear, look } from './patterns';
import {
  isEqual,
  isGreater,
  isLess,
  testAll,
  testAny,
  testBoolean,
  testDouble,
  testInt,
  testMatch,
  testNil,
  testNot,
  testText,
} from './program-layout';
import { boolean, double, from, int, integer, isNil, kind, nil, number, read, text, to } from './values';

export function holds(node: usize): bool {
  const what = load<u32>(node);
  const operand: usize = load<u32>(node, 4);
  if (what === testNot) return !holds(operand);
  if (what === testAll || what === testAny) return joined(node, what === testAny, operand as u32);
  read(operand);
  switch (what) {
    case testNil:
      return isNil();
    case testText: {
      const size = load<u32>(node, 12);
      return kind === text && ((to - from) as u32) === size && isSame(from, load<u32>(node, 8), size);
    }
    case testBoolean:
      return kind === boolean && integer === (load<u32>(node, 8) as i64);
    case testInt:
      return (orderToInt(load<i64>(node, 16)) & load<u32>(node, 8)) !== 0;
    case testDouble:
      return (orderToDouble(load<f64>(node, 16)) & load<u32>(node, 8)) !== 0;
    case testMatch:
      if (kind === nil && load<u32>(node, 12) === 0) return false;
      if (kind !== text) unreachable();
      return matches(node);
    default:
      unreachable();
      return false;
  }
}

function matches(node: usize): bool {
  const table: usize = load<u32>(node, 16);
  const found = table === 0 ? isUnclear : look(table, from, to, 0);
  return found === isUnclear ? isMatch(load<u32>(node, 8), from, to) !== 0 : found === isThere;
}

/** Whether one of them holds (`decisive` true), or all do. */
function joined(node: usize, decisive: bool, count: u32): bool {
  for (let i: u32 = 0; i < count; i++)
    if (holds(load<u32>(node + 8 + ((i as usize) << 2))) === decisive) return decisive;
  return !decisive;
}

/** How the value that was read stands to another; 0 where they have no order. */
function orderToInt(than: i64): u32 {
  if (kind === double) return orderToDouble(than as f64);
  if (kind !== int) return 0;
  if (integer === than) return isEqual;
  return integer < than ? isLess : isGreater;
}

function orderToDouble(than: f64): u32 {
  let value = number;
  if (kind === int) value = integer as f64;
  else if (kind !== double) return 0;
  if (value === than) return isEqual;
  if (value < than) return isLess;
  return value > than ? isGreater : 0;
}
