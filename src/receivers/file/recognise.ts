/** Which encoding a file has, and the sentence when it has none that can be read. */
import type { Candidate } from '../../encodings/detect.ts';
import type { DecoderOptions, Encoding } from '../../encodings/encoding.ts';
import { otlpJson } from '../../encodings/otlp-json.ts';
import { whatItIs } from '../../encodings/strangers.ts';
import { archiveKindOf, packingOf, type ArchiveKind } from '../../encodings/archive/kind.ts';
import type { Bytes } from './bytes.ts';
import { lineRulesOf } from './line-settings.ts';
import type { FileSettings } from './settings.ts';

export type Recognised =
  | { readonly kind: 'readable'; readonly encoding: Encoding; readonly detail: string | undefined }
  | { readonly kind: 'empty' }
  /** It holds other files. The reason stands for where those are not read. */
  | {
      readonly kind: 'archive';
      readonly archive: ArchiveKind;
      readonly reason: string;
      readonly remedy: string;
    }
  /** A recording of a known shape, or what looks like none. */
  | { readonly kind: 'known' | 'unknown'; readonly reason: string; readonly remedy: string };

const remedies = {
  unsure: 'name the right one with `format:`',
  known: 'export it as OTLP, or leave it out',
  archive: 'unpack it, and read what was in it',
  unknown: 'if it is a recording, name its encoding with `format:`; else leave it out with `exclude:`',
};

export async function recognise(head: Bytes, atEnd: boolean, settings: FileSettings): Promise<Recognised> {
  if (atEnd && head.length === 0) return { kind: 'empty' };
  const archive = archiveKindOf(head);
  if (archive !== undefined)
    return { kind: 'archive', archive, reason: nested(archive), remedy: remedies.archive };
  const own = settings.encodings ?? [];
  const wanted = settings.format === 'auto' ? undefined : await encodingOf(settings.format, own);
  if (wanted !== undefined) return { kind: 'readable', encoding: wanted, detail: undefined };
  return recognisedBy(head, atOnce(head, own) ?? (await byAll(head, atEnd, own)));
}

async function byAll(head: Bytes, atEnd: boolean, own: readonly Encoding[]): Promise<Found> {
  const { detect } = await import('../../encodings/detect.ts');
  const all = [...own, ...(await builtIn())];
  const few = head.length > fewBytes && detect(head.subarray(0, fewBytes) as Bytes, { atEnd: false }, all);
  const isSure = few && 'encoding' in few && few.detection.confidence >= noDoubt;
  return isSure ? few : detect(head, { atEnd }, all);
}

type Found = Candidate | { readonly unsure: readonly Candidate[] } | undefined;

/** All but the first take longer to load than most starts need for them. */
async function builtIn(): Promise<readonly Encoding[]> {
  return (await import('../../encodings/list.ts')).encodings;
}

async function encodingOf(name: string, own: readonly Encoding[]): Promise<Encoding | undefined> {
  if (name === otlpJson.name) return otlpJson;
  return [...own, ...(await builtIn())].find((encoding) => encoding.name === name);
}

function recognisedBy(head: Bytes, found: Found): Recognised {
  const candidates = found === undefined ? [] : 'encoding' in found ? [found] : found.unsure;
  const [first] = candidates;
  if (first === undefined) return nothingKnown(head);
  const { encoding, detection } = first;
  if (found !== undefined && 'unsure' in found) return unsure(candidates.slice(0, 2));
  if (encoding.readable) return { kind: 'readable', encoding, detail: detection.detail };
  const kind = encoding.name === 'lines' ? 'unknown' : 'known';
  const reason = `it is ${encoding.title} (${detection.reason}), which is recognised and cannot be read yet`;
  return { kind, reason, remedy: remedies[kind] };
}

/** What so few bytes leave no doubt about, more would not change. */
const fewBytes = 1 << 13;
const noDoubt = 0.99;

/** The member that a document begins with may tell what no other one could unsay. */
const fewestBytes = 1 << 8;

/** A start is quicker where only one encoding is asked. Those of the user may know the file better. */
function atOnce(head: Bytes, own: readonly Encoding[]): Candidate | undefined {
  if (head.length <= fewBytes || own.length > 0) return undefined;
  const detection = otlpJson.detect(head.subarray(0, fewestBytes) as Bytes, { atEnd: false });
  const isSure = detection !== undefined && detection.confidence >= noDoubt;
  return isSure ? { encoding: otlpJson, detection } : undefined;
}

function unsure(candidates: readonly Candidate[]): Recognised {
  const guesses = candidates.map(({ encoding, detection }) => `${encoding.name} (${detection.reason})`);
  if (guesses.length > 1)
    return { kind: 'unknown', reason: `it could be ${guesses.join(' or ')}`, remedy: remedies.unsure };
  const reason = `it is no recording that is known; at most ${guesses.join()}`;
  return { kind: 'unknown', reason, remedy: remedies.unknown };
}

/** Archives are looked into when the run begins, and only where they are files themselves. */
function nested(kind: ArchiveKind): string {
  return `it is a ${kind} archive, and is not looked into, since it stands in another one or came while files were followed`;
}

function nothingKnown(head: Bytes): Recognised {
  const packing = packingOf(head);
  if (packing !== undefined)
    return { kind: 'known', reason: `it is ${packing}, which is not read`, remedy: remedies.archive };
  return { kind: 'unknown', reason: `it is ${whatItIs(head)}`, remedy: remedies.unknown };
}

export function decoderOptions(settings: FileSettings, batchBytes: number): DecoderOptions {
  return {
    batchBytes,
    maxDocumentBytes: settings.max_document_size,
    maxDepth: settings.max_depth,
    maxAttributes: settings.max_attributes,
    baseTimeUnixNano: settings.base_time,
    lines: lineRulesOf(settings.lines),
    ...(settings.signal === undefined ? {} : { signal: settings.signal }),
  };
}

/** The encoding of that name; undefined when it cannot be read, or for no name. */
export async function readableEncoding(
  name: string,
  own: readonly Encoding[] = [],
): Promise<Encoding | undefined> {
  const encoding = name === '' ? undefined : await encodingOf(name, own);
  return encoding?.readable === true ? encoding : undefined;
}
