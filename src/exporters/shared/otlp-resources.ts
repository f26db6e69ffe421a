/** Takes a batch apart by its resources, which is what Loki makes its streams of. */
import { batchOf, type AnyBatch } from '../../model/batches.ts';
import { afterVarint, bytesOf, skipValue, type Bytes } from '../../wire/bytes.ts';

/** In ResourceSpans, ResourceLogs and ResourceMetrics, and in what holds them, field 1 with a length. */
const firstField = 0x0a;

/** One batch for each resource, in the order of their first items; the batch itself where there is only one. */
export function byResource(batch: AnyBatch): AnyBatch[] {
  const bytes = bytesOf(batch.encode());
  const groups = new Map<string, Uint8Array[]>();
  let key = '';
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] ?? 0;
    const body = afterVarint(bytes, at);
    const next = skipValue(bytes, body, tag & 7);
    // Fields that we do not know stay beside what stood before them.
    if (tag === firstField) key = resourceKey(bytes, afterVarint(bytes, body), next);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [bytes.subarray(at, next)]);
    else group.push(bytes.subarray(at, next));
    at = next;
  }
  if (groups.size < 2) return [batch];
  const parts = Array.from(groups.values(), (pieces) => {
    const part = batchOf(batch.signal, Buffer.concat(pieces), { trusted: true });
    part.origin = batch.origin;
    return part;
  });
  return parts.filter(({ itemCount }) => itemCount > 0);
}

/** The bytes of the resource; two that differ only in the order of their attributes count as two. */
function resourceKey(bytes: Bytes, start: number, end: number): string {
  for (let at = start; at < end;) {
    const tag = bytes[at] ?? 0;
    const body = afterVarint(bytes, at);
    const next = skipValue(bytes, body, tag & 7);
    if (tag === firstField) return bytes.latin1Slice(afterVarint(bytes, body), next);
    at = next;
  }
  return '';
}
