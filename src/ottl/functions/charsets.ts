/**
 * What decodes a character set of the IANA registry, or undefined for a name that is not known. ASCII is read as
 * UTF-8, and `utf-16` without a byte order mark as little-endian, as in the reference.
 */
export function charsetDecoder(name: string): ((bytes: Uint8Array) => string) | undefined {
  const wanted = name.toLowerCase().trim();
  if (wanted === '' && name !== '') return undefined;
  // Go takes IANA names in any case, but base64 and its kin only in lower case.
  if (wanted.startsWith('base64')) return undefined;
  const label = labels.get(wanted) ?? wanted;
  if (label === 'latin1') return (bytes) => Buffer.from(bytes).toString('latin1');
  try {
    const decoder = new TextDecoder(label, { ignoreBOM: true });
    return (bytes) => decoder.decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Where the label that the WHATWG gives to a character set means another one than at IANA. */
const labels: ReadonlyMap<string, string> = new Map([
  ['', 'utf-8'],
  ['utf-8-raw', 'utf-8'],
  ['utf8-raw', 'utf-8'],
  ['nop', 'utf-8'],
  ['us-ascii', 'utf-8'],
  ['ascii', 'utf-8'],
  ['utf-16', 'utf-16le'],
  ['iso-8859-1', 'latin1'],
  ['iso_8859-1', 'latin1'],
  ['latin1', 'latin1'],
  ['l1', 'latin1'],
]);
