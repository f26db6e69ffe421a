/** Lines of text as terminals and CI systems show them. */

/** Colours and the like; also what terminals are told about titles and links. */
const escapeSequences =
  /\u001B(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|\][^\u0007\u001B]{0,2000}(?:\u0007|\u001B\\))/g;

/** The text without the colours of a terminal. */
export function withoutColours(text: string): string {
  return text.includes('\u001B') ? text.replaceAll(escapeSequences, '') : text;
}
