/** The fault matrix as it is printed, and as the documentation has it. */
import type { MissingRow, Row } from './row.ts';

export interface Result {
  readonly row: Row;
  readonly passed: boolean;
  /** What was seen, or what was not as expected. */
  readonly seen: string;
  readonly elapsedMs: number;
}

export function resultText({ row, passed, seen, elapsedMs }: Result): string {
  const lines = [
    `${String(row.row).padStart(2)}  ${passed ? 'passed' : 'FAILED'}  ${row.fault}  (${(elapsedMs / 1000).toFixed(1)} s)`,
    `    expected  ${row.expected}`,
    `    seen      ${seen.trim().replaceAll('\n', '\n              ')}`,
  ];
  if (row.notBuilt !== undefined) lines.push(`    not built ${row.notBuilt}`);
  return `${lines.join('\n')}\n`;
}

export function missingText({ row, fault, missing }: MissingRow): string {
  return `${String(row).padStart(2)}  not built  ${fault}: ${missing}\n`;
}

/** docs/faults.md: what every run of the matrix holds, in the words of its rows. */
export function faultsMarkdown(rows: readonly Row[], missing: readonly MissingRow[]): string {
  const lines = [...rows, ...missing]
    .toSorted((a, b) => a.row - b.row)
    .map((row) =>
      'missing' in row
        ? `| ${row.row} | ${cell(row.fault)} | Not built: ${cell(row.missing)}. | |`
        : `| ${row.row} | ${cell(row.fault)} | ${cell(row.expected)}${row.notBuilt === undefined ? '' : ` Not built: ${cell(row.notBuilt)}.`} | ${cell(row.how)} |`,
    );
  return `${preface}\n${lines.join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll(/<(?!br)/g, '&lt;');
}

const preface = `<!-- Written from test/faults/rows by \`npm run docs\`. -->

# Faults

What Respool does on a bad day, and how that is tested. \`npm run faults\` makes each of these faults happen to the real
command, and prints what was expected and what was seen; \`npm run faults -- --row 11\` runs one row, and
\`npm run faults -- --kills 1000\` kills a replay that many times. With \`--large\` the rows 21 and 31 take a line of 1 GB
and a recording of 5 GB.

The judge is never Respool's own count: recordings have known content and ids of their own, and the test backends keep
what they acknowledge, decoded without any code of Respool. After each row the ledger that was printed has to balance,
and has to say what the backends hold.

| row | fault | what happens | how it is tested |
|---|---|---|---|`;
