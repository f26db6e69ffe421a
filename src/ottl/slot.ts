import type { AsciiText } from '../model/ascii-text.ts';
import type { AttributesOf } from '../model/item-program.ts';
import type { KeyCondition } from '../model/keys.ts';
import type { Scalar } from '../model/prepared-attribute.ts';
import type { ExactValue } from '../model/value.ts';
import type { FieldType } from './doubts.ts';
import type { Site } from './errors.ts';
import type { ItemData } from './item-data.ts';
import type { Read, Target, Write } from './target.ts';
import { copyTelemetry } from './telemetry.ts';
import type { OttlMap, OttlValue } from './values.ts';

/** A path that an editor reads and writes. Both throw `OttlEvalError`. */
export interface Slot {
  readonly read: Read<OttlValue>;
  readonly write: Write;
  /** What writes this value; present where that cannot fail. */
  readonly prepare?: ((value: Scalar) => (target: Target) => void) | undefined;
  /** Writes a text; present where that cannot fail. */
  readonly putText?: ((target: Target, text: AsciiText) => void) | undefined;
  readonly site: Site;
  /** Present if writing a value of another type fails. */
  readonly type?: FieldType | undefined;
  /** Present if it is a place of an item. */
  readonly data?: ItemData | undefined;
}

/** What editors do with a map; the attributes of the model are one. Callbacks edit nothing themselves. */
export interface EditableMap {
  readonly size: number;
  has(key: string): boolean;
  setExact(key: string, value: ExactValue): void;
  delete(key: string): boolean;
  deleteKeys(unwanted: KeyCondition): void;
  /** Only text of at least `minimumBytes` bytes of UTF-8 has to be shown to `edit`, which looks at no record. */
  editTexts(edit: (text: string) => string, minimumBytes?: number): void;
  update(edit: (value: ExactValue, key: string) => ExactValue | undefined): void;
  keys(): string[];
  exactEntries(): [string, ExactValue][];
  clear(): void;
  /** Makes these all its entries; what has many goes this way, in one pass. */
  replaceAll(entries: ReadonlyMap<string, ExactValue>): void;
}

/** A path to a map that an editor changes where it is. `close` must follow `open`, also after an error. */
export interface MapSlot {
  /** Throws `OttlEvalError` if there is no map. */
  open(target: Target): EditableMap;
  close(target: Target, map: EditableMap): void;
  /** Present if it is all attributes of an item, or of its resource. */
  readonly of?: AttributesOf | undefined;
}

/** A list or map inside other values: edits change the `Map` that is given. */
export class DecodedMap implements EditableMap {
  readonly map: OttlMap;

  constructor(map: OttlMap) {
    this.map = map;
  }

  get size(): number {
    return this.map.size;
  }

  has(key: string): boolean {
    return this.map.has(key);
  }

  setExact(key: string, value: ExactValue): void {
    this.map.set(key, copyTelemetry(value));
  }

  delete(key: string): boolean {
    return this.map.delete(key);
  }

  deleteKeys(unwanted: KeyCondition): void {
    const isUnwanted = typeof unwanted === 'function' ? unwanted : (key: string) => unwanted.ofText(key);
    for (const key of this.map.keys()) if (isUnwanted(key)) this.map.delete(key);
  }

  editTexts(edit: (text: string) => string): void {
    for (const [key, value] of this.map) if (typeof value === 'string') this.map.set(key, edit(value));
  }

  update(edit: (value: ExactValue, key: string) => ExactValue | undefined): void {
    for (const [key, value] of this.map) {
      const changed = edit(value, key);
      if (changed === undefined) this.map.delete(key);
      else this.map.set(key, changed);
    }
  }

  keys(): string[] {
    return [...this.map.keys()];
  }

  exactEntries(): [string, ExactValue][] {
    return [...this.map];
  }

  clear(): void {
    this.map.clear();
  }

  replaceAll(entries: ReadonlyMap<string, ExactValue>): void {
    this.map.clear();
    for (const [key, value] of entries) this.setExact(key, value);
  }
}
