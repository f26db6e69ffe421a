/** Ids of the spans of a trace: the same for the same event of the same recording, and another one for each of its events. */
export class SpanIds {
  private readonly high: number;
  private readonly low: number;

  constructor(traceId: string) {
    this.high = Number.parseInt(traceId.slice(0, 8), 16);
    this.low = Number.parseInt(traceId.slice(8, 16), 16);
  }

  /** Of the event with this number. No id is zero. */
  of(index: number): string {
    const high = mixed(index ^ this.high);
    const low = mixed(index + this.low);
    return hexOf(high === 0 && low === 0 ? 1 : high) + hexOf(low);
  }
}

/** MurmurHash3's last step: 32 bits to 32 others, no two to the same. */
function mixed(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

const bytesAsHex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hexOf(bits: number): string {
  const [first, second] = [bytesAsHex[bits >>> 24] ?? '', bytesAsHex[(bits >>> 16) & 255] ?? ''];
  const [third, fourth] = [bytesAsHex[(bits >>> 8) & 255] ?? '', bytesAsHex[bits & 255] ?? ''];
  return first + second + third + fourth;
}
