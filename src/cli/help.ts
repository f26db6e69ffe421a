/** What the help of several commands is made of. */

/** Called with the exit code of a command. */
export type Finish = (exitCode: number) => void;

/** Examples below the help of a command: each with what it does. */
export function examples(list: readonly (readonly [string, string])[]): string {
  const width = Math.max(...list.map(([command]) => command.length));
  return `\nExamples:\n${list.map(([command, what]) => `  ${command.padEnd(width)}  ${what}`).join('\n')}\n`;
}
