/** `docs/recordings.md` as the encodings describe themselves. */
import type { Encoding } from '../../src/encodings/encoding.ts';
import { encodings } from '../../src/encodings/list.ts';

const introduction = `# Recordings that are read

Written by \`npm run docs\` from what each encoding says of itself (src/encodings).

What a file is, is told from its bytes, whatever it is called; \`respool inspect PATH...\` says what was told, from what, what
is in it, and what its form had lost before it came here. Where the bytes do not decide it, the answer is *unsure* with the
two best guesses, and \`format: NAME\` on the receiver decides. \`respool convert PATH... -o FILE\` makes OTLP of any of them.`;

const around = `## Around them

- **gzip and zstd** around a file, with all members and frames; around each message of the Collector's files too.
- **Archives**: tar, tar.gz, tar.zst and zip. What stands in one is read in place, nothing is unpacked, and each file has the name
  \`bundle.tgz!path/in/it\` in errors, reports and checkpoints. Names are labels: \`..\`, absolute paths and links lead nowhere. An
  archive within an archive is named and not looked into; encrypted members, sparse files and unusual compression are named
  too. Limits: \`max_files\`, \`max_decompressed_size\`, \`max_decompression_ratio\`. Members of compressed tar archives beyond
  \`max_archive_memory\` are read in their order, in one pass, and not in the order of time. A tar archive can be piped in; a zip
  archive cannot, since its list of members is at its end. With \`--follow\` archives are read as they were when the run began.
- **Hidden files** (with a dot before their name) are left out of folders and archives; what is no recording is named once.
- **The same telemetry twice**, as in overlapping exports or a rotated copy: \`deduplicate: true\`. Spans with the same ids and
  content count once; of log records that are the same, as many stay as one file has. What is dropped is counted as
  \`duplicate\`. \`max_remembered_items\` bounds the memory. With \`--resume\`, what earlier runs read is read once more to be
  compared with, and not sent again; files that are gone by then are not compared with.
- **Times that count from some start**, or have no date: \`base_time\`. **Times that are old**: processor \`time_shift\`.`;

export function recordingsMarkdown(): string {
  const readable = encodings.filter((encoding) => encoding.readable);
  const others = encodings.filter((encoding) => !encoding.readable).map(({ title }) => title);
  const rows = readable.map((each) => `| ${cells(each).join(' | ')} |`);
  const table = ['| `format` | form | who writes it |', '|---|---|---|', ...rows].join('\n');
  const known = others.length === 0 ? [] : [`Recognised by name, and not read yet: ${others.join('; ')}.`];
  const details = readable.filter(({ lost, needs = [] }) => lost.length + needs.length > 0).map(sectionOf);
  const parts = [introduction, table, ...known, '## What each form had lost', ...details, around];
  return `${parts.join('\n\n')}\n`;
}

function cells({ name, title, writtenBy = '' }: Encoding): string[] {
  return [`\`${name}\``, title, writtenBy].map((text) => text.replaceAll('|', String.raw`\|`));
}

function sectionOf({ name, title, lost, better, needs = [] }: Encoding): string {
  const lines = [
    `### ${name}: ${title}`,
    '',
    ...lost.map((each) => `- lost: ${each}`),
    ...needs.map((each) => `- to be said: ${each}`),
    ...(better === undefined ? [] : [`- better next time: ${better}`]),
  ];
  return lines.join('\n');
}
