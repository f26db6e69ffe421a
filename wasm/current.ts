/** The records at hand. */
import { recordBytes, recordChanged, recordOffset, recordTag } from './program-layout';
import { open } from './record';

/** The item that is open, in memory of the host. */
export let item: usize = 0;
/** Behind it the resource above the item, as soon as a step looks at it. */
let above: usize = 0;
let isAboveOpen: bool = false;
/** Where the resource is; 0 where there is none, or none yet. */
let start: usize = 0;
let end: usize = 0;

export function setRecords(at: usize): void {
  item = at;
  above = at + recordBytes;
  store<u32>(item, 0, recordOffset);
  store<u32>(above, 8, recordOffset);
  store<u32>(above, 0x0a, recordTag);
}

/** The resource above the items that come. */
export function setResource(from: usize, to: usize): void {
  start = from;
  end = to;
  isAboveOpen = false;
}

/** The resource above the item. */
export function resource(): usize {
  if (!isAboveOpen) {
    if (start === 0) unreachable();
    open(above, start, end, false);
    isAboveOpen = true;
  }
  return above;
}

/** The resource, if it was changed, or 0. */
export function changedResource(): usize {
  return isAboveOpen && load<u32>(above, recordChanged) !== 0 ? above : 0;
}
