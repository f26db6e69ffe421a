/** What a codemachine file is cut into. */
import type { Bytes } from '../../wire/bytes.ts';

/** A member of the document; `text` is its source when that is short. */
export interface MemberPiece {
  readonly kind: 'member';
  readonly key: string;
  readonly text: string | undefined;
}

/** One element of `spans` or `logs`: `bytes[start..end)`, valid until the next piece is asked for. */
export interface ElementPiece {
  readonly kind: 'element';
  readonly key: string;
  readonly bytes: Bytes;
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

export interface DocumentPiece {
  readonly kind: 'document';
}

export interface UnreadablePiece {
  readonly kind: 'unreadable';
  readonly offset: number;
  readonly bytes: number;
  readonly line: number;
  readonly reason: string;
}

export type Piece = MemberPiece | ElementPiece | DocumentPiece | UnreadablePiece;
