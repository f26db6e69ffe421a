/** What Go counts as space: unlike in JavaScript U+0085 is, and U+FEFF is not. */
const space = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const runs = new RegExp(`${space}+`);
const one = new RegExp(space);

/** The text without the space around it, as Go's `strings.TrimSpace` gives it. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && one.test(text.charAt(start))) start++;
  while (end > start && one.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** The text without these letters around it, in one look at it: a regex for its end begins anew at each of them. */
export function trimLetters(text: string, letters: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && letters.includes(text.charAt(start))) start++;
  while (end > start && letters.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** The words between the space, as Go's `strings.Fields` gives them. */
export function words(text: string): string[] {
  return text.split(runs).filter((word) => word !== '');
}
