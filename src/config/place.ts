/**
 * Where a value of the configuration was written, and how its path is spelled in messages.
 */

/** Keys and list positions from the root: `['exporters', 'otlp_http/tempo', 'endpoint']`. */
export type Path = readonly (string | number)[];

/** A stretch of one line of a source. */
export interface Place {
  /** The name of the source: a file, `--config yaml:`, or the whole `--set a.b=v`. */
  file: string;
  /** From 1; 0 where the source as a whole is meant (a missing file, a `--set`): then no position is printed. */
  line: number;
  /** From 1, in UTF-16 units, as editors count. */
  column: number;
  /** The whole line without its end, secrets already replaced by `***`. */
  text: string;
  /** How many characters the caret line marks; 1 when left out. */
  length?: number;
  /** Where the place is in `text`, when masking moved it; `column` when left out. */
  shownColumn?: number;
}

const plainKey = /^[^\s."'\\[\]=:]+$/;

/** The dotted text of a path: `exporters.otlp_http/tempo.endpoint`, `actions[0].key`, `attributes."http.route"`. */
export function pathText(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') {
      text += `[${part}]`;
      continue;
    }
    const key = plainKey.test(part) ? part : JSON.stringify(part);
    text += text === '' ? key : `.${key}`;
  }
  return text;
}
