/** Whether text is a log: most of its lines begin with a time, or are JSON or logfmt with a time or level in them. */
import type { Bytes } from '../../wire/bytes.ts';
import type { Detection } from '../encoding.ts';
import { headOf } from '../outline.ts';
import { withoutColours } from '../plain-text.ts';
import { knownTime } from './known-times.ts';
import { fieldSeverity, fieldsOf, fieldTime } from './line-fields.ts';

/** So many lines tell it. */
const mostLooked = 200;
/** Of the lines that are not indented, so many have to have a time. */
const most = 0.6;

export function detectLines(head: Bytes, atEnd: boolean): Detection | undefined {
  const { text } = headOf(head);
  if (!isPrintable(text)) return undefined;
  const signals = ['logs'] as const;
  const lines = beginnings(text, atEnd);
  const timed = lines.filter((line) => knownTime(line) !== undefined).length;
  if (timed > 0 && timed >= lines.length * most) {
    return {
      confidence: 0.6,
      reason: `${timed} of the first ${lines.length} lines begin with a time`,
      signals,
    };
  }
  const structured = lines.filter(isStructured).length;
  if (structured > 0 && structured >= lines.length * most) {
    const reason = `${structured} of the first ${lines.length} lines have fields for time or level`;
    return { confidence: 0.6, reason, signals };
  }
  // Text that begins like JSON is more likely a shape that is not known.
  const confidence = /^\s*[{[]/.test(text) ? 0.1 : 0.2;
  return { confidence, reason: 'printable text, no structure that is known', signals };
}

/** Lines that could begin a record; the last one may be cut off. */
function beginnings(text: string, atEnd: boolean): string[] {
  const lines = text.split('\n', mostLooked + 1);
  if (!atEnd && lines.length > 1) lines.pop();
  return lines
    .slice(0, mostLooked)
    .filter((line) => /^\S/.test(line))
    .map(withoutColours);
}

/** A time and a level or message: many shapes that are no logs have one of them. */
function isStructured(line: string): boolean {
  const fields = fieldsOf(line.trimEnd());
  if (fields === undefined) return false;
  const says = [fieldTime(fields), fieldSeverity(fields), textOf(fields.get('msg') ?? fields.get('message'))];
  return says.filter((each) => each !== undefined).length >= 2;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Text may be cut within a character at its end, and has no control characters but blanks and escapes. */
function isPrintable(text: string): boolean {
  if (text.trim() === '') return false;
  const body = text.endsWith('\uFFFD') ? text.slice(0, -1) : text;
  return !/[\u0000-\u0008\u000E-\u001A\u001C-\u001F\uFFFD]/.test(body);
}
