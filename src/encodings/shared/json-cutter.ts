import { JsonScanner } from '../../model/json-scanner.ts';
import { beyondLimit } from '../../model/limits.ts';
import { bytesOf, sameBytes } from '../../wire/bytes.ts';
import { ByteWindow } from '../byte-window.ts';
import type { DecoderStart } from '../encoding.ts';
import type { CutHandler, CutterOptions } from './json-cuts.ts';
import { beginningAt, nextStart, type Beginning } from './json-damage.ts';
import { planAt, samePath, type Plan, type PlanPath } from './plan.ts';

interface Level {
  readonly plan: Plan;
  readonly isArray: boolean;
  /** What a value stands behind; '' before the first member. */
  name: string | 0;
}

type State =
  | 'between'
  | 'text'
  | 'value'
  | 'member'
  | 'colon'
  | 'separator'
  | 'name'
  | 'piece'
  | 'pass'
  | 'lost';

interface Known {
  readonly line: number;
  readonly beginning?: Beginning;
}

const byteOrderMark = bytesOf(Buffer.from('\uFEFF'));
/** Longer names are no names that are known. */
const longestName = 1 << 16;
/** Deeper than any plan that does not nest in itself. */
const deepestLevels = 32;
/** A broken value that is longer is passed to where it broke: looking through it again for what it swallowed takes time. */
const longestBroken = 1 << 20;
/** What may be looked through again in a document, besides its own length times that. */
const rescans = { times: 4, bytes: 1 << 20 };
const fileCutOff = 'the file ends inside a document (cut off while it was written?)';

/**
 * Cuts a file of JSON documents, which may come in any chunks, into the pieces of a plan, and holds no more than one
 * piece. Documents may stand one on each line, go over many, be run together, or stand between lines of text. After
 * damage it goes on at what begins like an element of the array that was read last, or at a line that begins a document.
 */
export class JsonCutter {
  readonly window: ByteWindow;
  private readonly options: CutterOptions;
  private readonly handler: CutHandler;
  private readonly scanner: JsonScanner;
  private state: State = 'between';
  private levels: Level[] = [];
  /** The piece that is being scanned. */
  private plan: Plan | undefined;
  private document = { offset: 0, line: 1, isKnown: false, isEmpty: true };
  /** Where the value, text, or what is lost began. */
  private unit = { offset: 0, line: 1, isTooLarge: false };
  private reason = '';
  private searchedTo = 0;
  private rescanned = 0;
  private beginning: Beginning | undefined;

  constructor(options: CutterOptions, handler: CutHandler) {
    const { start, maxDepth } = options;
    const known: Known =
      start === undefined || start.state === '' ? { line: 1 } : (JSON.parse(start.state) as Known);
    this.options = options;
    this.handler = handler;
    this.beginning = known.beginning;
    this.window = new ByteWindow({ offset: start?.offset ?? 0, line: known.line }, (distance) => {
      this.scanner.moved(distance);
      this.searchedTo = Math.max(0, this.searchedTo - distance);
    });
    this.scanner = new JsonScanner(16 + maxDepth * 5);
  }

  /** Where another cutter may begin, between documents; undefined within one. */
  get restart(): DecoderStart | undefined {
    const { window, state, beginning } = this;
    if (state !== 'between' && state !== 'text') return undefined;
    const at =
      state === 'text'
        ? this.unit
        : { offset: window.offsetOf(window.start), line: window.lineAt(window.start) };
    const known: Known = { line: at.line, ...(beginning && { beginning }) };
    return { offset: at.offset, state: JSON.stringify(known) };
  }

  /** Goes one step on; false when that takes more bytes. */
  step(atEnd: boolean): boolean {
    switch (this.state) {
      case 'between':
        return this.between(atEnd);
      case 'text':
        return this.text();
      case 'name':
        return this.name();
      case 'piece':
      case 'pass':
        return this.within();
      case 'lost':
        return this.lost(atEnd);
      default:
        return this.token();
    }
  }

  /** The file ends: names what is not complete. True if something was found in it to go on with, by `step`. */
  finish(): boolean {
    const { window, handler, state } = this;
    if (state === 'text') {
      handler.text({ ...this.unit, end: window.offsetOf(window.end) });
    } else if (state === 'lost') this.addLost(window.end);
    else if (state !== 'between') return this.cutOff();
    this.state = 'between';
    window.start = window.end;
    if (this.levels.length > 0) this.endDocument(false);
    return false;
  }

  private cutOff(): boolean {
    const { window, levels, state } = this;
    const isWithin = state === 'piece' || state === 'pass' || state === 'name';
    const isOpen =
      this.options.isOpenEnded && levels.length === 1 && levels[0]?.isArray === true && !isWithin;
    if (isOpen) {
      window.start = window.end;
      this.state = 'between';
      this.endDocument(true);
      return false;
    }
    if (!isWithin) this.beginAtDocument();
    this.lose(fileCutOff);
    return true;
  }

  private between(atEnd: boolean): boolean {
    const { window } = this;
    if (!this.passBlanks(atEnd)) return false;
    const byte = window.bytes[window.start];
    this.beginUnit();
    if (byte !== 0x7b && byte !== 0x5b) {
      this.state = 'text';
      return true;
    }
    const { offset, line } = this.unit;
    this.document = { offset, line, isKnown: false, isEmpty: true };
    this.rescanned = 0;
    this.handler.begun();
    return this.value(this.options.root, byte);
  }

  /** Goes to the next byte that is neither blank nor of a byte order mark; false when it is not there yet. */
  private passBlanks(atEnd: boolean): boolean {
    const { window } = this;
    const { bytes, end } = window;
    let at = window.start;
    for (;;) {
      while (at < end && isBlank(bytes[at])) at++;
      window.start = at;
      if (bytes[at] !== byteOrderMark[0] || at >= end) return at < end;
      if (end - at < byteOrderMark.length) return atEnd;
      if (!sameBytes(bytes, at, byteOrderMark)) return true;
      at += byteOrderMark.length;
    }
  }

  private text(): boolean {
    const { window } = this;
    const found = window.lineEnd(window.start);
    if (found < 0) {
      window.start = window.end;
      return false;
    }
    this.handler.text({ ...this.unit, end: window.offsetOf(found + 1) });
    window.start = found + 1;
    this.state = 'between';
    return true;
  }

  /** At a byte of an open document that belongs to its structure. */
  private token(): boolean {
    const { window } = this;
    const { bytes, end } = window;
    let at = window.start;
    while (at < end && isSpace(bytes[at])) at++;
    window.start = at;
    if (at >= end) return false;
    const level = this.levels.at(-1);
    if (level === undefined) return this.broken('the end of the document');
    const byte = bytes[at] ?? 0;
    if (this.state === 'separator') return this.separator(level, byte);
    if (this.state === 'member') return this.member(level, byte);
    if (this.state === 'value') return this.valueIn(level, byte);
    if (byte !== 0x3a) return this.broken(':');
    window.start++;
    this.state = 'value';
    return true;
  }

  private separator(level: Level, byte: number): boolean {
    if (byte === (level.isArray ? 0x5d : 0x7d)) return this.close();
    if (byte === 0x2c) {
      this.window.start++;
      this.state = level.isArray ? 'value' : 'member';
      return true;
    }
    if (!level.isArray || byte !== 0x7b) return this.broken(level.isArray ? ', or ]' : ', or }');
    this.handler.notice('elements without a comma between them');
    this.state = 'value';
    return true;
  }

  private member(level: Level, byte: number): boolean {
    if (byte === 0x7d && level.name === '') return this.close();
    if (byte !== 0x22) return this.broken('a member name');
    this.scan('name');
    return true;
  }

  private valueIn(level: Level, byte: number): boolean {
    if (level.isArray && byte === 0x5d) return this.close();
    if (byte === 0x2c || byte === 0x3a || byte === 0x5d || byte === 0x7d) return this.broken('a value');
    this.document.isEmpty = false;
    const plan = level.name === 0 ? level.plan.elements : level.plan.members?.get(level.name);
    return this.value(plan, byte);
  }

  /** At the first byte of a value. */
  private value(plan: Plan | undefined, byte: number): boolean {
    const isArray = byte === 0x5b;
    if (plan !== undefined && opens(plan, byte) && this.levels.length < deepestLevels) {
      this.levels.push({ plan, isArray, name: isArray ? 0 : '' });
      this.window.start++;
      this.state = isArray ? 'value' : 'member';
      this.handler.opened(plan);
      return true;
    }
    this.plan = plan?.piece === true && byte !== 0x6e ? plan : undefined;
    this.scan(this.plan === undefined ? 'pass' : 'piece');
    return true;
  }

  private close(): boolean {
    const level = this.levels.pop();
    this.window.start++;
    this.state = 'separator';
    if (level !== undefined) this.handler.closed(level.plan);
    if (this.levels.length > 0) return true;
    // An array without elements is a document of no items.
    if (level?.isArray === true && this.document.isEmpty) this.document.isKnown = true;
    this.endDocument(true);
    return true;
  }

  private endDocument(isWhole: boolean): void {
    const { window, document } = this;
    this.levels = [];
    this.state = 'between';
    const region = { offset: document.offset, line: document.line, end: window.offsetOf(window.start) };
    this.handler.ended(region, { isKnown: document.isKnown, isWhole });
  }

  private name(): boolean {
    const { window, scanner } = this;
    const result = scanner.scan(window.bytes, window.end);
    if (scanner.at - window.start > longestName) return this.broken('a member name');
    if (result === 'more') return false;
    if (result === 'broken') return this.lose(scanner.reason);
    const level = this.levels.at(-1);
    if (level !== undefined) {
      level.name = window.bytes.utf8Slice(window.start + 1, scanner.at - 1);
      if (level.plan.members?.has(level.name) === true) this.document.isKnown = true;
    }
    window.start = scanner.at;
    this.state = 'colon';
    return true;
  }

  /** Looks for the end of a value. What is not wanted or too large is passed without being held. */
  private within(): boolean {
    const { window, scanner, unit, plan } = this;
    const result = scanner.scan(window.bytes, window.end);
    const { maxPieceBytes } = this.options;
    unit.isTooLarge ||= plan !== undefined && window.offsetOf(scanner.at) - unit.offset > maxPieceBytes;
    const isDone = result === 'complete';
    if (result === 'broken') return this.lose(scanner.reason);
    if (isDone && plan !== undefined) this.piece(plan);
    if (isDone) window.start = scanner.at;
    // The byte before says whether a line begins where it may break.
    else if (plan === undefined || unit.isTooLarge) window.start = Math.max(window.start, scanner.at - 1);
    if (!isDone) return false;
    this.state = 'separator';
    if (this.levels.length === 0) this.endDocument(true);
    return true;
  }

  private piece(plan: Plan): void {
    const { window, scanner, unit } = this;
    this.document.isKnown = true;
    if (unit.isTooLarge) {
      const reason = beyondLimit(
        `a value of more than ${this.options.maxPieceBytes} bytes`,
        'max_document_size',
      );
      this.handler.unreadable(reason, { ...unit, end: window.offsetOf(scanner.at) });
      return;
    }
    this.learnBeginning();
    this.handler.piece(plan, { start: window.start, end: scanner.at, line: unit.line });
  }

  private learnBeginning(): void {
    const { window, levels, beginning } = this;
    if (levels.at(-1)?.isArray !== true || window.bytes[window.start] !== 0x7b) return;
    const path = levels.map(({ name }) => name);
    if (beginning !== undefined && samePath(beginning.path, path)) return;
    this.beginning = beginningAt(window.bytes, window.start, this.scanner.at, path) ?? beginning;
  }

  private beginUnit(): void {
    const { window } = this;
    this.unit = {
      offset: window.offsetOf(window.start),
      line: window.lineAt(window.start),
      isTooLarge: false,
    };
  }

  /** What is lost between values: all of the document, when nothing of it was handed over. */
  private beginAtDocument(): void {
    const { offset, line, isKnown } = this.document;
    this.beginUnit();
    this.scanner.begin(this.window.start);
    if (!isKnown) this.unit = { offset, line, isTooLarge: true };
  }

  private scan(state: 'name' | 'piece' | 'pass'): void {
    this.beginUnit();
    this.scanner.begin(this.window.start);
    this.state = state;
  }

  private broken(wanted: string): boolean {
    this.beginUnit();
    this.scanner.begin(this.window.start);
    const { window } = this;
    const found = window.bytes.latin1Slice(window.start, window.start + 1);
    return this.lose(`expected ${wanted}, found ${/[!-~]/.test(found) ? found : 'another byte'}`);
  }

  /** Gives up what began with the unit, and looks for what can be read behind its beginning. */
  private lose(reason: string): boolean {
    const { window, scanner, unit } = this;
    const length = window.offsetOf(scanner.at) - unit.offset;
    const passed = window.offsetOf(window.start) - this.document.offset;
    const mayRescan = this.rescanned + length <= passed * rescans.times + rescans.bytes;
    const isHeld = !unit.isTooLarge && this.state !== 'pass';
    if (isHeld && mayRescan && length <= longestBroken && !scanner.isTooDeep) {
      this.rescanned += length;
      this.searchedTo = window.start + 1;
    } else this.searchedTo = Math.max(scanner.at, window.start);
    this.reason = reason;
    this.state = 'lost';
    return true;
  }

  private lost(atEnd: boolean): boolean {
    const { window, beginning } = this;
    const from = Math.max(this.searchedTo, window.start);
    const found = nextStart(window, from, beginning, atEnd);
    if ('searchedTo' in found) {
      this.searchedTo = found.searchedTo;
      window.start = Math.min(window.end, Math.max(window.start, found.searchedTo - 1));
      return false;
    }
    window.start = found.at;
    this.addLost(found.at);
    if (found.path === undefined) this.endDocument(false);
    else this.goOnAt(found.path);
    return true;
  }

  private goOnAt(path: PlanPath): void {
    const { root } = this.options;
    this.levels = path.map((name, index) => {
      const plan = planAt(root, path.slice(0, index)) ?? root;
      return { plan, isArray: name === 0, name };
    });
    this.state = 'value';
  }

  private addLost(end: number): void {
    const { unit, window } = this;
    this.handler.unreadable(this.reason, { offset: unit.offset, line: unit.line, end: window.offsetOf(end) });
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** White space, and the mark that begins each text in a sequence of JSON texts (RFC 7464). */
function isBlank(byte: number | undefined): boolean {
  return isSpace(byte) || byte === 0x1e;
}

function opens(plan: Plan, byte: number): boolean {
  return byte === 0x5b ? plan.elements !== undefined : byte === 0x7b && plan.members !== undefined;
}
