/**
 * The guides for authors hold: every file on them is written, every command is run, and every output is compared.
 *
 * A block with a name behind its language is a file. A block of `sh` is run, and ends with the exit code behind its language; the next block of plain `text` is what was
 * printed on standard output, one of `text summary` has lines of standard error.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { respool, root, type Ended } from './support/respool.ts';

interface Block {
  readonly line: number;
  readonly language: string;
  readonly name: string;
  readonly text: string;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    language: match[1] ?? '',
    name: match[2] ?? '',
    text: match[3] ?? '',
  }));
}

/** What a shell would make of it, as far as the pages go. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

/** Columns are as wide as what stands in them: names of temporary folders too. */
function spaced(text: string): string {
  return text.replaceAll(/ +/g, ' ');
}

class Reader {
  readonly folder: string;
  private last: Ended = { exitCode: 0, stdout: '', stderr: '' };

  constructor(folder: string) {
    this.folder = folder;
  }

  async follow(page: string, block: Block): Promise<void> {
    const where = `${page}:${block.line}`;
    if (block.language === 'sh') await this.run(block, where);
    else if (block.language === 'text' && block.name === '') expect(this.last.stdout, where).toBe(block.text);
    else if (block.language === 'text' && block.name === 'summary')
      for (const line of block.text.trimEnd().split('\n'))
        expect(spaced(this.last.stderr), where).toContain(spaced(line));
    else if (block.name !== '') this.write(block);
  }

  private write({ name, text }: Block): void {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** What all commands of a block print. */
  private async run({ text, name }: Block, where: string): Promise<void> {
    const all = { exitCode: 0, stdout: '', stderr: '' };
    for (const command of text.trim().split('\n')) {
      const [program, ...args] = wordsOf(command);
      expect(program, where).toBe('respool');
      const { exitCode, stdout, stderr } = await respool(args, { cwd: this.folder });
      expect(exitCode, `${where}: ${command}\n${stderr}`).toBe(Number(name));
      all.stdout += args[0] === 'init' || args[0] === 'test' ? '' : stdout;
      all.stderr += stderr;
    }
    this.last = all;
  }
}

describe('each step works', () => {
  it.each(['docs/your-first-processor.md', 'docs/custom-components.md'])('of %s', async (page) => {
    const folder = mkdtempSync(join(tmpdir(), 'respool-guide-'));
    try {
      cpSync(join(root, 'config/recordings'), join(folder, 'recordings'), { recursive: true });
      const reader = new Reader(folder);
      const blocks = blocksOf(page);
      for (const block of blocks) await reader.follow(page, block);
      expect(blocks.filter(({ language }) => language === 'sh').length).toBeGreaterThanOrEqual(3);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
