import type { Bytes } from '../wire/bytes.ts';
import { JsonScanner } from '../model/json-scanner.ts';
import type { Signal } from '../model/signal.ts';
import type { Detection, Encoding } from './encoding.ts';
import { otlpJsonCuts } from './otlp-json-cuts.ts';
import { OtlpJsonDecoder } from './otlp-json-decoder.ts';
import { roots } from './otlp-json-reader.ts';

/**
 * OTLP as JSON (opentelemetry-proto, docs/specification.md): documents of all signals, one on each line as the
 * Collector's file exporter writes them, indented, run together, or in an array.
 */
export const otlpJson: Encoding = {
  name: 'otlp_json',
  title: 'OTLP JSON',
  readable: true,
  lost: [],
  writtenBy:
    "the Collector's file exporter, the SDKs' exporters of OTLP JSON (over HTTP, to files, Java's logging exporters), and `respool convert`",
  detect: (head) => detect(head),
  decoder: (options) => new OtlpJsonDecoder(options),
  cuts: otlpJsonCuts,
};

/** Beyond this many documents or lines, the beginning of a file says no more. */
const mostTried = 16;

function detect(head: Bytes): Detection | undefined {
  const scanner = new JsonScanner(512);
  let at = 0;
  for (let tried = 0; tried < mostTried && at < head.length; tried++) {
    at = nextDocument(head, at);
    if (at < 0) return behindPrefix(head);
    const found = rootsOf(head, at, scanner);
    const [first] = found.names;
    if (first !== undefined) return detection(first, found.names, tried);
    at = found.end;
  }
  return behindPrefix(head);
}

/** A document behind what `kubectl`, `docker compose` or a CI system puts before each line. */
const prefixed = /^[^{"'`=\n]{1,1000}\{ ?"(resource(?:Spans|Logs|Metrics))" ?: ?\[[^\n]*(?:\}\s*$|$(?![^]))/m;

function behindPrefix(head: Bytes): Detection | undefined {
  const name = prefixed.exec(head.latin1Slice(0, head.length))?.[1];
  const signal = roots.get(name ?? '')?.signal;
  if (name === undefined || signal === undefined) return undefined;
  return {
    confidence: 0.8,
    reason: `lines with a JSON object with ${name} behind a prefix`,
    signals: [signal],
  };
}

function detection(first: string, names: readonly string[], skipped: number): Detection {
  const signals = new Set<Signal>();
  for (const name of names) {
    const root = roots.get(name);
    if (root !== undefined) signals.add(root.signal);
  }
  const where = skipped === 0 ? 'the first document' : `document or line ${skipped + 1}`;
  return {
    // Tempo's API writes `batches` too, in a dialect of its own.
    confidence: first === 'batches' ? 0.6 : skipped === 0 ? 0.99 : 0.8,
    reason: `${where} is a JSON object with ${first}`,
    signals: [...signals],
  };
}

/** The next { that begins a document: the first byte but white space and opening brackets, else one at a line's start. */
function nextDocument(head: Bytes, from: number): number {
  let at = from;
  if (at === 0 && head[0] === 0xef) at = 3;
  while (isBefore(head[at])) at++;
  if (head[at] === 123) return at;
  for (;;) {
    at = head.indexOf(10, at) + 1;
    if (at === 0 || head[at] === 123) return at - (at === 0 ? 1 : 0);
  }
}

function isBefore(byte: number | undefined): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9 || byte === 30 || byte === 91 || byte === 44;
}

/** The names of lists of resources in the document at `start`, as far as it is there. */
function rootsOf(head: Bytes, start: number, scanner: JsonScanner): { names: string[]; end: number } {
  const names: string[] = [];
  let at = start + 1;
  for (;;) {
    while (isBefore(head[at])) at++;
    if (head[at] !== 34) return { names, end: at + 1 };
    scanner.begin(at);
    if (scanner.scan(head, head.length) !== 'complete') return { names, end: head.length };
    const name = head.latin1Slice(at + 1, scanner.at - 1);
    at = scanner.at;
    while (head[at] !== 91 && (isBefore(head[at]) || head[at] === 58)) at++;
    const isList = head[at] === 91 || head[at] === 110;
    if (isList && roots.has(name)) names.push(name);
    scanner.begin(at);
    if (scanner.scan(head, head.length) !== 'complete') return { names, end: head.length };
    at = scanner.at;
  }
}
