/**
 * The `traces` folder of CodeMachine, a coding-agent CLI: pretty-printed JSON documents with `spans` or `logs`.
 *
 * Times of spans and events are milliseconds as decimal text, read to the exact nanosecond; those of logs are
 * `[seconds, nanoseconds]`. Spans have no kind and become INTERNAL; their resource is `service.name` from `service`.
 * Log records bring resource and attributes; `trace.id` and `span.id` among those become the record's ids.
 * `latest*.json` repeats a session: see `sessionFileOf`.
 */
import type { AnyBatch } from '../model/batches.ts';
import { tooDeep, tooManyAttributes } from '../model/limits.ts';
import type { Bytes } from '../wire/bytes.ts';
import { ElementCutter } from './codemachine/cutter.ts';
import type { ElementPiece, MemberPiece, Piece } from './codemachine/pieces.ts';
import { LogsBuilder, TracesBuilder, type Builder } from './codemachine/builders.ts';
import { isObject, parseExact, type ExactJson } from './codemachine/exact-json.ts';
import { ShapeError } from './codemachine/read-members.ts';
import { defaultMaxAttributes } from './encoding.ts';
import type { Decoded, Decoder, DecoderOptions, DecoderStart, Detection, Encoding } from './encoding.ts';
import { hasAll, headOf, type Outline } from './outline.ts';

export const codemachine: Encoding = {
  name: 'codemachine',
  title: "CodeMachine's traces folder (JSON)",
  readable: true,
  lost: ['span kinds', 'scopes', 'links'],
  writtenBy: 'the coding agent CodeMachine, into its `traces` folder',
  better: 'set an OTLP exporter in the agent, where it has one',
  detect,
  decoder: (options) => new CodemachineDecoder(options),
};

/** The session whose spans or logs a `latest*.json` repeats: a path below the folder that CodeMachine ran in. */
export function sessionFileOf(head: Bytes): string | undefined {
  const text = headOf(head).outline?.get('sessionFile');
  if (text === undefined) return undefined;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return undefined;
  }
}

function detect(head: Bytes): Detection | undefined {
  const { outline } = headOf(head);
  if (outline === undefined) return undefined;
  const signal = signalOf(outline);
  if (signal === undefined) return undefined;
  const session = outline.has('sessionFile') ? { detail: 'a copy of the latest session' } : {};
  if (hasAll(outline, 'service', 'exportedAt')) {
    return {
      confidence: 0.97,
      reason: `a document with service, exportedAt and ${signal.member}`,
      signals: [signal.of],
      ...session,
    };
  }
  return {
    confidence: 0.8,
    reason: `${signal.member} as CodeMachine writes them`,
    signals: [signal.of],
    ...session,
  };
}

function signalOf(outline: Outline): { of: 'traces' | 'logs'; member: string } | undefined {
  const emptySpans = hasAll(outline, 'spanCount', 'exportedAt');
  const emptyLogs = hasAll(outline, 'logCount', 'exportedAt');
  if (emptySpans || hasAll(outline, 'spans[].traceId', 'spans[].startTime', 'spans[].name')) {
    return outline.has('spans[].operationName') ? undefined : { of: 'traces', member: 'spans' };
  }
  if (emptyLogs || hasAll(outline, 'logs[].timestamp', 'logs[].severityNumber'))
    return { of: 'logs', member: 'logs' };
  return undefined;
}

const knownMembers = new Set(
  'version service exportedAt spanCount logCount sessionFile spans logs'.split(' '),
);

class CodemachineDecoder implements Decoder {
  readonly notices = new Map<string, number>();
  private readonly options: DecoderOptions;
  private readonly cutter: ElementCutter;
  private readonly members = new Map<string, string>();
  private builder: { readonly key: string; readonly batch: Builder } | undefined;
  /** Elements of the document by array, and JSON bytes of the batch. */
  private found: Record<string, number> = {};
  private batchBytes = 0;
  private documents = 0;
  /** Up to here everything is in batches that were handed over. */
  private clean: DecoderStart;

  constructor(options: DecoderOptions) {
    this.options = options;
    this.cutter = new ElementCutter(options.maxDocumentBytes, options.start);
    this.clean = options.start ?? { offset: 0, state: '' };
  }

  *push(chunk: Bytes): Generator<Decoded> {
    for (const piece of this.cutter.push(chunk)) yield* this.take(piece);
  }

  *end(): Generator<Decoded> {
    for (const piece of this.cutter.end()) yield* this.take(piece);
    yield* this.finishDocument();
    yield* this.flush();
  }

  private *take(piece: Piece): Generator<Decoded> {
    switch (piece.kind) {
      case 'member':
        this.takeMember(piece);
        break;
      case 'element':
        yield* this.takeElement(piece);
        break;
      case 'document':
        yield* this.finishDocument();
        break;
      case 'unreadable':
        yield piece;
    }
  }

  private takeMember({ key, text }: MemberPiece): void {
    if (!knownMembers.has(key)) this.notice(`member ${key} of the document is not carried over`);
    else if (text !== undefined) this.members.set(key, text);
    if (key === 'service' && this.found['spans'] !== undefined) {
      this.notice('service stands behind the spans, which go without service.name');
    }
  }

  private *takeElement(piece: ElementPiece): Generator<Decoded> {
    this.found[piece.key] = (this.found[piece.key] ?? 0) + 1;
    if (this.builder !== undefined && this.builder.key !== piece.key) yield* this.flush();
    const reason = this.add(piece);
    if (reason !== undefined) {
      const region = this.cutter.reject(piece, reason);
      if (region !== undefined) yield region;
      return;
    }
    this.batchBytes += piece.end - piece.start;
    if (this.batchBytes >= this.options.batchBytes) yield* this.flush();
  }

  /** Why the element cannot be read. */
  private add(piece: ElementPiece): string | undefined {
    const { bytes, start, end, depth, key } = piece;
    const { maxDepth, maxAttributes = defaultMaxAttributes } = this.options;
    if (depth > maxDepth) return tooDeep(maxDepth);
    try {
      const element = parseExact(bytes.utf8Slice(start, end));
      if (attributesOf(element) > maxAttributes) return tooManyAttributes(maxAttributes);
      this.builderOf(key).add(element);
      return undefined;
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof ShapeError) return error.message;
      throw error;
    }
  }

  private builderOf(key: string): Builder {
    this.builder ??= { key, batch: key === 'spans' ? this.tracesBuilder() : this.logsBuilder() };
    return this.builder.batch;
  }

  private logsBuilder(): LogsBuilder {
    return new LogsBuilder((text) => this.notice(text));
  }

  private tracesBuilder(): TracesBuilder {
    const service = this.members.get('service');
    return new TracesBuilder(service === undefined ? undefined : parseExact(service), (text) =>
      this.notice(text),
    );
  }

  private *finishDocument(): Generator<Decoded> {
    const { found, members } = this;
    const isOther = found['spans'] === undefined && found['logs'] === undefined && !members.has('exportedAt');
    if (isOther && members.size > 0) this.notice('a document without spans and logs');
    this.compareCount('spanCount', 'spans');
    this.compareCount('logCount', 'logs');
    this.documents++;
    yield* this.flush({ offset: this.cutter.offset, state: this.cutter.known });
    this.found = {};
    members.clear();
  }

  private compareCount(member: string, array: string): void {
    const stated = this.members.get(member);
    const found = this.found[array] ?? 0;
    if (stated !== undefined && Number(stated) !== found) {
      this.notice(`${member} says ${stated}, and ${found} ${array} are there`);
    }
  }

  /** Hands over what there is. `end` is given when a document ends there. */
  private *flush(end?: DecoderStart): Generator<Decoded> {
    const batch: AnyBatch | undefined = this.builder?.batch.take();
    this.builder = undefined;
    this.batchBytes = 0;
    if (batch === undefined || batch.itemCount === 0) return;
    if (end !== undefined) this.clean = end;
    const { offset, state } = this.clean;
    yield { kind: 'batch', batch, endOffset: offset, endState: state, documents: this.documents };
    this.documents = 0;
  }

  private notice(text: string): void {
    this.notices.set(text, (this.notices.get(text) ?? 0) + 1);
  }
}

/** How many attributes the element has, or its resource or an event of it, whichever has most. */
function attributesOf(element: ExactJson): number {
  if (!isObject(element)) return 0;
  const { attributes, resource, events } = element;
  const counts = [attributes, resource].map((each) => (isObject(each) ? Object.keys(each).length : 0));
  for (const event of Array.isArray(events) ? events : []) counts.push(attributesOf(event));
  return counts.reduce((most, count) => Math.max(most, count), 0);
}
