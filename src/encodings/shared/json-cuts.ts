/** What a cutter is asked for, and what it hands over. */
import type { DecoderStart } from '../encoding.ts';
import type { Region } from '../unreadable-regions.ts';
import type { Plan } from './plan.ts';

/** Hears of a file in its order. What is handed over is in `JsonCutter.window`, and valid during the call. */
export interface CutHandler {
  /** A whole value, from `start` to before `end` in the window, that begins on `line`. */
  piece(plan: Plan, value: { readonly start: number; readonly end: number; readonly line: number }): void;
  opened(plan: Plan): void;
  closed(plan: Plan): void;
  /** A document begins. */
  begun(): void;
  /** A document is over; `isKnown` unless nothing of it was in the plan, `isWhole` unless it was given up. */
  ended(region: Region, facts: { readonly isKnown: boolean; readonly isWhole: boolean }): void;
  /** What is no JSON, or beyond a limit. */
  unreadable(reason: string, region: Region): void;
  /** A line of text between documents. */
  text(region: Region): void;
  notice(text: string): void;
}

export interface CutterOptions {
  readonly root: Plan;
  readonly maxPieceBytes: number;
  readonly maxDepth: number;
  /** An array at the top may go without its closing bracket. */
  readonly isOpenEnded: boolean;
  readonly start: DecoderStart | undefined;
}
