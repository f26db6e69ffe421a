import type { EditableMap, MapSlot } from '../slot.ts';
import type { Target } from '../target.ts';

/** What an editor of maps does per record: `change` gets the map, and what it changed is stored, also after an error. */
export function changing(
  target: MapSlot,
  change: (map: EditableMap, record: Target) => void,
): (record: Target) => void {
  return (record) => {
    const map = target.open(record);
    try {
      change(map, record);
    } finally {
      target.close(record, map);
    }
  };
}
