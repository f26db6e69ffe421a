/**
 * Recordings that are recognised and not read yet: what they are, how they are told, and what they have lost.
 * Each becomes a file of its own once it has a decoder.
 */
import type { Bytes } from '../wire/bytes.ts';
import type { Signal } from '../model/signal.ts';
import type { Detection, Encoding } from './encoding.ts';
import { hasAll, headOf, type Head, type Outline } from './outline.ts';

interface Shape {
  readonly name: string;
  readonly title: string;
  readonly signals: readonly Signal[];
  readonly lost: readonly string[];
  /** What tells this shape, or undefined for another one. */
  readonly tell: (head: Head) => string | undefined;
  readonly confidence: number | ((head: Head) => number);
}

const traces: readonly Signal[] = ['traces'];

const shapes: readonly Shape[] = [
  {
    name: 'chrome_trace',
    title: 'Chrome trace events (JSON)',
    signals: traces,
    lost: ['times are microseconds since some start: no calendar time', 'no ids; parents only by nesting'],
    confidence: 0.9,
    tell: ({ outline }) => {
      if (outline === undefined) return undefined;
      return (
        member(outline, 'traceEvents') ??
        (hasAll(outline, '[].ph', '[].ts') ? 'events with ph and ts' : undefined)
      );
    },
  },
];

export const knownShapes: readonly Encoding[] = shapes.map((shape) => ({
  name: shape.name,
  title: shape.title,
  readable: false,
  lost: shape.lost,
  detect: (bytes: Bytes) => detectShape(shape, bytes),
}));

function detectShape(shape: Shape, bytes: Bytes): Detection | undefined {
  const head = headOf(bytes);
  const reason = shape.tell(head);
  if (reason === undefined) return undefined;
  const confidence = typeof shape.confidence === 'number' ? shape.confidence : shape.confidence(head);
  return { confidence, reason, signals: shape.signals };
}

function member(outline: Outline | undefined, path: string): string | undefined {
  return outline?.has(path) === true ? `a member ${path}` : undefined;
}
