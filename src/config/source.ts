/**
 * One text that configuration is read from, and its places. Stretches of it can be hidden: every place of a
 * line that holds a hidden stretch shows `***` there.
 */
import type { Place } from './place.ts';

interface Stretch {
  start: number;
  end: number;
}

export class SourceText {
  readonly name: string;
  readonly text: string;
  readonly #lineStarts: number[] = [0];
  readonly #hidden: Stretch[] = [];
  /** For `--set a.b=v`: the name is the place, `a.b=***` once the value is a secret. */
  readonly #setting: string | undefined;

  constructor(name: string, text: string, setting?: string) {
    this.name = name;
    this.#setting = setting;
    this.text = text.startsWith('\ufeff') ? text.slice(1) : text;
    for (let index = 0; index < this.text.length; index++) {
      const code = this.text.charCodeAt(index);
      const lineEnd = code === 10 || (code === 13 && this.text.charCodeAt(index + 1) !== 10);
      if (lineEnd) this.#lineStarts.push(index + 1);
    }
    for (const match of this.text.matchAll(/\/\/[^/\s@:"']+:([^/\s@"']+)@/gu)) {
      const secretEnd = match.index + match[0].length - 1;
      this.hide(secretEnd - (match[1] ?? '').length, secretEnd);
    }
    for (const match of this.text.matchAll(/:\/\/[^\s"'?]*\?([^\s"'#]+)/gu)) {
      const queryStart = match.index + match[0].length - (match[1] ?? '').length;
      for (const { index, 0: value } of (match[1] ?? '').matchAll(/(?<==)[^&]+/gu))
        this.hide(queryStart + index, queryStart + index + value.length);
    }
  }

  /** From now on no place shows this stretch. */
  hide(start: number, end: number): void {
    if (end > start) this.#hidden.push({ start, end });
  }

  /** The place of a stretch; of its first line when it has several. */
  placeAt(start: number, end: number = start + 1): Place {
    if (this.#setting !== undefined) return this.#settingPlace(this.#setting);
    const at = Math.min(start, this.text.length);
    const line = this.#lineOf(at);
    const lineStart = this.#lineStarts[line] ?? 0;
    const lineEnd = this.#endOfLine(line);
    const shown = this.#masked(lineStart, lineEnd, at);
    const shownEnd = this.#masked(lineStart, lineEnd, Math.min(end, lineEnd));
    return {
      file: this.name,
      line: line + 1,
      column: at - lineStart + 1,
      text: shown.text,
      length: Math.max(1, shownEnd.column - shown.column),
      ...(shown.column === at - lineStart + 1 ? {} : { shownColumn: shown.column }),
    };
  }

  /** The source as a whole. */
  wholePlace(): Place {
    if (this.#setting !== undefined) return this.#settingPlace(this.#setting);
    return { file: this.name, line: 0, column: 0, text: '' };
  }

  /** The line of an offset, from 1. */
  lineAt(offset: number): number {
    return this.#lineOf(offset) + 1;
  }

  #settingPlace(setting: string): Place {
    const value = this.#hidden.length === 0 ? this.text : '***';
    return { file: `--set ${setting}=${value.replaceAll(/\s+/gu, ' ')}`, line: 0, column: 0, text: '' };
  }

  #lineOf(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #endOfLine(line: number): number {
    let end = this.#lineStarts[line + 1] ?? this.text.length;
    while (end > (this.#lineStarts[line] ?? 0) && /[\r\n]/u.test(this.text.charAt(end - 1))) end--;
    return end;
  }

  #masked(lineStart: number, lineEnd: number, at: number): { text: string; column: number } {
    let text = '';
    let column = at - lineStart + 1;
    let done = lineStart;
    for (const { start, end } of [...this.#hidden].sort((left, right) => left.start - right.start)) {
      if (end <= done || start >= lineEnd) continue;
      const from = Math.max(start, done);
      const to = Math.min(end, lineEnd);
      if (from >= to) continue;
      const indent = from === lineStart ? (/^[ \t]*/u.exec(this.text.slice(from, to))?.[0] ?? '') : '';
      text += `${this.text.slice(done, from)}${indent}***`;
      if (at >= to) column += indent.length + 3 - (to - from);
      else if (at > from) column = text.length - 2;
      done = to;
    }
    return { text: text + this.text.slice(done, lineEnd), column };
  }
}
