/** What an author gets wrong does not compile, and what is right does. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { root } from '../support/respool.ts';

const fixtures = join(import.meta.dirname, 'fixtures');

/** By file, the first line of each error with its line. */
const errors = new Map<string, { line: number; message: string }[]>();

beforeAll(async () => {
  const compiler = join(root, 'node_modules/.bin/tsc');
  const output = await new Promise<string>((resolve) => {
    execFile(compiler, ['--noEmit', '--pretty', 'false', '--project', fixtures], (_, stdout) =>
      resolve(stdout),
    );
  });
  let last: { line: number; message: string } | undefined;
  for (const text of output.split('\n')) {
    const [, path = '', line = '', message = ''] =
      /^(\S+?)\((\d+),\d+\): error TS\d+: (.*)$/.exec(text) ?? [];
    if (path === '') {
      // The lines below say why.
      if (last !== undefined && text.startsWith(' ')) last.message += `\n${text}`;
      continue;
    }
    last = { line: Number(line), message };
    const file = path.split('/').at(-1) ?? path;
    errors.set(file, [...(errors.get(file) ?? []), last]);
  }
}, 120_000);

describe('a component of an author', () => {
  it('that is right compiles', () => {
    expect([...errors.keys()].filter((file) => file !== 'wrong.ts')).toEqual([]);
  });

  const wrong = readFileSync(join(fixtures, 'wrong.ts'), 'utf8').split('\n');
  const marks = wrong.flatMap((text, at): [number, string][] => {
    const [, parts] = /^\s*\/\/ error: (.+)$/.exec(text) ?? [];
    return parts === undefined ? [] : [[at + 2, parts]];
  });

  it.each(marks)('that is wrong in line %d does not compile: %s', (line, parts) => {
    const found = (errors.get('wrong.ts') ?? []).filter((error) => error.line === line);
    expect(found, 'there is no error').not.toEqual([]);
    const text = found.map(({ message }) => message).join('\n');
    expect(
      parts.split('|').some((part) => text.includes(part)),
      text,
    ).toBe(true);
  });

  it('has no errors elsewhere', () => {
    const lines = new Set(marks.map(([line]) => line));
    expect((errors.get('wrong.ts') ?? []).filter(({ line }) => !lines.has(line))).toEqual([]);
  });
});
