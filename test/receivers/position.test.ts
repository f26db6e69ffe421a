/** What is remembered of files, over as many positions as there are batches. */
import { expect, it } from 'vitest';
import { FileBook, nowhere, parsePosition, type SavedFile } from '../../src/receivers/file/position.ts';

const print = { end: 1, bytes: 1, hash: 'x' };

function saved(path: string): SavedFile {
  const facts = { device: 1, inode: 2, size: 3, isCompressed: false, isDone: true, isSound: true };
  return { path, ...facts, head: print, mark: print, place: { ...nowhere, ended: 3 } };
}

const pathsOf = (book: FileBook): string[] => parsePosition(book.position()).files.map(({ path }) => path);

it('remembers all files that are there, however many are done, and only the latest that are gone', () => {
  const book = new FileBook(0, 2);
  const there = Array.from({ length: 3000 }, (_, at) => `there ${at}`);
  for (const path of there) book.note({}, saved(path));
  for (const path of ['gone 0', 'gone 1', 'gone 2']) book.noteGone({}, saved(path));
  expect(pathsOf(book)).toEqual([...there.toReversed(), 'gone 2', 'gone 1']);
});

it('says of each file what was said last, and a position stays as it is', () => {
  const book = new FileBook(0);
  const keys = Array.from({ length: 600 }, () => ({}));
  for (const [at, key] of keys.entries()) book.note(key, saved(`first ${at}`));
  const before = book.position();
  const text = JSON.stringify(before);
  for (const [at, key] of keys.entries()) book.note(key, saved(`second ${at}`));
  book.forget(keys[1] ?? {});
  book.noteGone(keys[0] ?? {}, saved('gone'));
  expect(JSON.stringify(before)).toBe(text);
  const paths = pathsOf(book);
  expect(paths).toHaveLength(599);
  expect(paths.slice(-2)).toEqual(['second 2', 'gone']);
});
