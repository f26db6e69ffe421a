/** One trace event of Chrome's format. */
import { JsonNumber, JsonObject, type Json } from '../shared/json.ts';
import { asObject, fail, nanosOfText, textMember } from '../shared/members.ts';

export interface TraceEvent {
  readonly phase: string;
  readonly name: string;
  readonly category: string;
  /** Nanoseconds since some start. */
  readonly time: bigint;
  readonly duration: bigint;
  readonly process: string;
  readonly thread: string;
  /** Tells it from the threads of other processes. */
  readonly threadKey: string;
  /** What events of an asynchronous operation have in common; '' for others. */
  readonly operation: string;
  readonly args: JsonObject;
}

const none = new JsonObject();

/** Throws a ShapeError. */
export function readEvent(json: Json): TraceEvent {
  const object = asObject('an event', json);
  const category = textMember(object, 'cat');
  const place = placeOf(idText(object.get('pid')), idText(object.get('tid')));
  const { process } = place;
  const args = object.get('args');
  return {
    phase: textMember(object, 'ph'),
    name: textMember(object, 'name'),
    category,
    time: microseconds(object, 'ts'),
    duration: microseconds(object, 'dur'),
    process,
    thread: place.thread,
    threadKey: place.key,
    operation: operationOf(object, category, process),
    args: args instanceof JsonObject ? args : none,
  };
}

/** The one of the last event: that of the next is the same, mostly. */
let lastPlace = { process: '', thread: '', key: '0  ' };

function placeOf(process: string, thread: string): typeof lastPlace {
  if (process !== lastPlace.process || thread !== lastPlace.thread)
    lastPlace = { process, thread, key: `${process.length} ${process} ${thread}` };
  return lastPlace;
}

/** Those with an id of the process are told apart by it. */
function operationOf(object: JsonObject, category: string, process: string): string {
  const id = object.get('id');
  const two = object.get('id2');
  if (id === undefined && two === undefined) return '';
  const own = two instanceof JsonObject ? two : none;
  const scope = idText(object.get('scope'));
  const global = idText(id ?? own.get('global'));
  if (global !== '') return JSON.stringify([category, scope, global]);
  const local = idText(own.get('local'));
  return local === '' ? '' : JSON.stringify([category, scope, process, local]);
}

function idText(json: Json | undefined): string {
  if (json instanceof JsonNumber) return json.text;
  return typeof json === 'string' ? json : '';
}

const longest = 1n << 63n;

/** Exact nanoseconds of a number of microseconds, which may be negative; 0 for none. */
function microseconds(object: JsonObject, member: string): bigint {
  const value = object.get(member) ?? null;
  if (value === null) return 0n;
  const text = value instanceof JsonNumber ? value.text : value;
  const nanos = typeof text === 'string' ? nanosOfText(text, 'us') : undefined;
  if (nanos === undefined || nanos >= longest || nanos <= -longest) {
    return fail(member, 'a number of microseconds', value);
  }
  return nanos;
}
