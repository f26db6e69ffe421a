import type { Bytes } from '../../wire/bytes.ts';
import { bytesOf } from '../../wire/bytes.ts';
import type { Decoded, Decoder, DecoderOptions, DecoderStart } from '../encoding.ts';
import type { OtlpOutput } from '../otlp-output.ts';
import { JsonShapeDecoder, type JsonShape } from '../shared/json-decoder.ts';
import { AnswerDecoder, answerState } from './protobuf.ts';

/** Of so much it can be told whether it is JSON. */
const enough = 64;

/** JSON or protobuf, as the first bytes say. */
export class TempoDecoder implements Decoder {
  private readonly shape: JsonShape<OtlpOutput>;
  private readonly options: DecoderOptions;
  private decoder: Decoder | undefined;
  private head: Bytes = bytesOf(Buffer.alloc(0));

  constructor(shape: JsonShape<OtlpOutput>, options: DecoderOptions) {
    this.shape = shape;
    this.options = options;
    const { offset, state } = options.start ?? { offset: 0, state: '' };
    if (answerState(state) !== undefined) this.decoder = new AnswerDecoder(options);
    else if (offset > 0) this.decoder = new JsonShapeDecoder(shape, options);
  }

  get notices(): ReadonlyMap<string, number> {
    return this.decoder?.notices ?? new Map<string, number>();
  }

  *push(chunk: Bytes): Iterable<Decoded> {
    if (this.decoder !== undefined) {
      yield* this.decoder.push(chunk);
      return;
    }
    this.head = bytesOf(Buffer.concat([this.head, chunk]));
    if (this.head.length >= enough) yield* this.begin();
  }

  *end(): Iterable<Decoded> {
    if (this.decoder === undefined) yield* this.begin();
    yield* this.decoder?.end() ?? [];
  }

  *drain(): Generator<Decoded, DecoderStart | undefined> {
    const drained = this.decoder?.drain?.();
    return drained === undefined ? undefined : yield* drained;
  }

  private *begin(): Iterable<Decoded> {
    const { head, options } = this;
    const text = head.latin1Slice(0, Math.min(head.length, enough));
    const isJson = /^(?:\xEF\xBB\xBF)?\s*(?:[{[]\s*(?:["{[\]}]|$)|$)/.test(text);
    this.decoder = isJson ? new JsonShapeDecoder(this.shape, options) : new AnswerDecoder(options);
    yield* this.decoder.push(head);
  }
}
