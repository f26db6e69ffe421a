/** Prints the failed tests of a JSON report of vitest, each with the first lines of its reason. */
import { readFileSync } from 'node:fs';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const report = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Report;
for (const { name, message, assertionResults } of report.testResults) {
  if (message !== '') console.log(`!!! ${name}: ${message}`);
  for (const { status, fullName, failureMessages } of assertionResults)
    if (status === 'failed')
      console.log(`!!! ${name}: ${fullName}\n${shortened(failureMessages.join('\n'))}`);
}

function shortened(text: string): string {
  return text.split('\n').slice(0, 20).join('\n').slice(0, 3000);
}
