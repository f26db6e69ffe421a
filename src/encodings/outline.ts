/** The first bytes of a recording, as shapes are told by them: text, and which members its first JSON document has. */
import { bytesOf, type Bytes } from '../wire/bytes.ts';

/** Deeper than this nothing is recorded; no known recording shows its shape further down. */
const deepest = 6;

/** Members by path: `data[].spans[].spanID`; the value is the text of a scalar (a string without quotes), else `{` or `[`. */
export type Outline = ReadonlyMap<string, string>;

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+|"/g;

interface Level {
  readonly isArray: boolean;
  readonly path: string;
  key: string;
  expectsKey: boolean;
}

/** The first bytes of a recording, in the forms that shapes are told by. */
export interface Head {
  readonly bytes: Bytes;
  /** Without terminal colours. */
  readonly text: string;
  /** Undefined when it is no JSON. */
  readonly outline: Outline | undefined;
}

/** Shapes are tried one after the other on the same bytes; a copy, since the caller's buffer may be filled anew. */
let latest: Head | undefined;

export function headOf(bytes: Bytes): Head {
  if (latest?.bytes.equals(bytes) === true) return latest;
  const text = bytes.toString('utf8').replaceAll(/\u001B\[[\d;]*m/g, '');
  latest = { bytes: bytesOf(Buffer.from(bytes)), text, outline: outlineOf(text) };
  return latest;
}

/** Undefined when the text is no JSON, as far as it goes. The first value of each path is kept. */
export function outlineOf(text: string): Outline | undefined {
  return new Outliner(text).read();
}

class Outliner {
  private readonly text: string;
  private readonly found = new Map<string, string>();
  private readonly levels: Level[] = [];

  constructor(text: string) {
    this.text = text;
  }

  read(): Outline | undefined {
    const first = /[^\s\uFEFF]/.exec(this.text)?.[0];
    if (first !== '{' && first !== '[') return undefined;
    for (const [part] of this.text.matchAll(token)) {
      if (part === '"') break;
      if (!this.take(part)) return undefined;
      if (this.levels.length === 0) break;
    }
    return this.found;
  }

  /** Whether the token may stand here. */
  private take(part: string): boolean {
    const level = this.levels.at(-1);
    if (part === '{' || part === '[') return this.open(part, level);
    if (part === '}' || part === ']') {
      this.levels.pop();
      return level?.isArray === (part === ']');
    }
    if (part === ',') {
      if (level !== undefined) level.expectsKey = !level.isArray;
      return level !== undefined;
    }
    if (part === ':') return level?.isArray === false;
    return this.scalar(part, level);
  }

  private open(part: '{' | '[', level: Level | undefined): boolean {
    if (level?.expectsKey === true) return false;
    const path = level === undefined ? '' : this.record(level, part);
    this.levels.push({ isArray: part === '[', path, key: '', expectsKey: part === '{' });
    return true;
  }

  private scalar(part: string, level: Level | undefined): boolean {
    if (level === undefined) return true;
    if (level.expectsKey) {
      level.key = part.slice(1, -1);
      level.expectsKey = false;
      return part.startsWith('"');
    }
    this.record(level, part.startsWith('"') ? part.slice(1, -1) : part);
    return /^["\d+tfn-]/.test(part);
  }

  private record(level: Level, value: string): string {
    const separator = level.path === '' ? '' : '.';
    const path = level.isArray ? `${level.path}[]` : `${level.path}${separator}${level.key}`;
    if (this.levels.length <= deepest && !this.found.has(path)) this.found.set(path, value);
    return path;
  }
}

/** Whether all of the paths are there. */
export function hasAll(outline: Outline, ...paths: string[]): boolean {
  return paths.every((path) => outline.has(path));
}
