/** Cases that we do not hold, each with the reason. At most ten; an entry that holds is an error too. */
export const exceptions: Readonly<Record<string, string>> = {
  'Substring/splits-utf8': 'JavaScript text cannot hold half a character: it is U+FFFD',
  'Substring/utf8-unsafe-explicit': 'JavaScript text cannot hold half a character: it is U+FFFD',
  'Decode/base64-url': 'JavaScript text cannot hold bytes that are no UTF-8: they are U+FFFD',
  'Decode/base64-raw-url': 'JavaScript text cannot hold bytes that are no UTF-8: they are U+FFFD',
  'ParseJSON/invalid-utf8': 'JavaScript text cannot hold half a character: it is U+FFFD',
};
