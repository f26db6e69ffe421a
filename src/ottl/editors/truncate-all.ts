import { editor } from '../function.ts';
import { RefusedArgument, literalBool, literalInt, literalString, mapSlot, optional } from '../parameters.ts';
import { safeEnd } from '../utf8.ts';
import { changing } from './changing.ts';

const parameters = {
  target: mapSlot(),
  limit: literalInt(),
  utf8Safe: optional(literalBool()),
  truncationMarker: optional(literalString()),
};

/**
 * Cuts texts to so many bytes of UTF-8, the marker included, and not inside a character unless `utf8Safe` is false
 * (what remains of a character is then U+FFFD). Texts in nested lists and maps are left alone.
 */
export const truncateAll = editor(
  'truncate_all',
  parameters,
  ({ target, limit, utf8Safe, truncationMarker }) => {
    const marker = truncationMarker ?? '';
    const most = Number(limit);
    const room = most - Buffer.byteLength(marker);
    if (room < 0)
      throw new RefusedArgument(`the marker is longer than the limit of ${limit} bytes`, 'truncationMarker');
    const cut = (text: string): string => {
      if (text.length > most && isAsciiUpTo(text, room)) return text.slice(0, room) + marker;
      const bytes = Buffer.from(text);
      if (bytes.length <= most) return text;
      return bytes.toString('utf8', 0, utf8Safe === false ? room : safeEnd(bytes, room)) + marker;
    };
    return changing(target, (map) => map.editTexts(cut, most + 1));
  },
  {
    data({ target: { of }, limit, utf8Safe = true, truncationMarker = '' }) {
      if (of === undefined || !utf8Safe || truncationMarker !== '' || limit > mostBytes) return undefined;
      return { do: 'truncate', of, bytes: Number(limit) };
    },
  },
);

/** No text is longer. */
const mostBytes = 0x7fff_ffffn;

function isAsciiUpTo(text: string, length: number): boolean {
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
