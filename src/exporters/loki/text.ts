/** Cutting text to a number of UTF-8 bytes. */

/** The longest beginning of `text` that takes at most `limit` bytes, with no character cut in two. */
export function cutToBytes(text: string, limit: number): string {
  // No character takes more than three bytes for each of its UTF-16 units.
  if (text.length * 3 <= limit) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
