/** The keys that receivers of files share, and what is wrong with their values. */
import { z } from 'zod';
import { didYouMean } from '../../config/suggest.ts';
import { byteSize, duration, moot, refused } from '../../config/fields.ts';
import type { CheckedProblem, CheckFacts } from '../../pipeline/component.ts';
import type { Extensions } from '../../pipeline/extensions.ts';
import type { DecompressLimits } from '../../encodings/decompress.ts';
import type { Encoding } from '../../encodings/encoding.ts';
import type { LinesConfig } from '../../encodings/lines/rules.ts';
import { encodingNames } from '../../encodings/names.ts';
import { lineKeys, linesProblem } from './line-settings.ts';

const ownOnly = 'use processor `attributes` to add what is known about the files';

/** What Respool adds to the Collector's keys. */
export const readingKeys = {
  format: z
    .string()
    .default('auto')
    .describe(
      'Encoding of the files, as in `respool inspect`. `auto` tells it from the bytes, file by file.',
    ),
  signal: z
    .enum(['traces', 'logs', 'metrics'])
    .optional()
    .describe('What protobuf files hold whose bytes do not say it. Without it the best fit is taken.'),
  ...lineKeys,
  on_error: z
    .enum(['drop', 'fail'])
    .default('drop')
    .describe(
      'What an unreadable region does: `drop` names and counts it and reads on (exit code 3), `fail` stops the run.',
    ),
  deduplicate: z
    .boolean()
    .default(false)
    .describe(
      'Drops spans and log records that inputs have in common, told by content: a trace saved twice, a rotated copy. Of log records of one file none is dropped. With `--resume` files that are read already are read again, without being sent.',
    ),
  max_remembered_items: z
    .int()
    .min(1000)
    .default(1_000_000)
    .describe(
      'With `deduplicate`: how many items are remembered, about 50 bytes each. Of more, those seen longest ago are forgotten, which is said.',
    ),
  max_document_size: byteSize({ min: 1024 })
    .default(256 << 20)
    .describe(
      'The most that is held of one document: one element of resourceSpans, one line, one span. Larger ones are unreadable.',
    ),
  max_decompressed_size: byteSize({ min: 1 << 20 })
    .default(64 * (1 << 30))
    .describe('The most that one compressed file may hold; what is beyond is unreadable.'),
  max_decompression_ratio: z
    .int()
    .min(10)
    .default(1000)
    .describe(
      'How many times its size a compressed file may hold, once it held 64MiB: a guard against bombs.',
    ),
  max_zstd_window: byteSize({ min: 1 << 10, max: 2 ** 31 })
    .default(128 << 20)
    .describe(
      'How far zstd may look back, which is held; rounded down to a power of two. `zstd --long=30` writes files that need 1GiB.',
    ),
  max_depth: z.int().min(8).max(1000).default(64).describe('How deeply values may be nested in values.'),
  max_attributes: z
    .int()
    .min(128)
    .default(10_000)
    .describe(
      'How many attributes one item may have: a span, event, link, log record, data point, resource or scope.',
    ),
  max_files: z
    .int()
    .min(1)
    .default(100_000)
    .describe(
      'How many files may be found; more are taken for a mistake in `include`. One is open at a time.',
    ),
  max_archive_memory: byteSize()
    .default(16 << 20)
    .describe(
      'How much is held of compressed tar archives, together, so that their members are read in the order of time. Those of larger ones are read in the order of the archive, in one pass.',
    ),
  batch_bytes: byteSize({ min: 1024, max: 64 << 20 })
    .default(1 << 20)
    .describe(
      'Bytes of protobuf after which a batch is handed on. Larger ones cost memory, smaller ones time.',
    ),
};

/** The Collector's keys that work here. */
export const fileKeys = {
  include: z
    .array(z.string().min(1))
    .min(1)
    .describe(
      'Files, folders (with all below) and globs (`*`, `**`, `?`, `[a-z]`, `{a,b}`); `-` is standard input. Relative to the working folder.',
    ),
  exclude: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Files, folders and globs to leave out, as paths: `**/*.tmp` for all folders, `*.tmp` for this one.',
    ),
  exclude_older_than: duration()
    .optional()
    .describe('Leaves out files that were last changed longer ago than this.'),
  start_at: z
    .enum(['beginning', 'end'])
    .optional()
    .describe(
      'Where reading starts, of files that are there when the run begins. `end` is for `--follow`; without it nothing would be read, and it is refused.',
    ),
  poll_interval: duration({ min: 10 })
    .default(200)
    .describe('With `--follow`: how often files are looked for, and at.'),
  max_concurrent_files: z
    .int()
    .min(2)
    .default(512)
    .describe(
      'With `--follow`: how many files are kept open, so that one that is renamed or deleted is still read to its end. Without it, one is open at a time.',
    ),
  include_file_path: z
    .boolean()
    .default(false)
    .describe('Adds `log.file.path` to each span and log record, and to the metadata of each metric.'),
  include_file_name_resolved: z
    .boolean()
    .default(false)
    .describe('Adds `log.file.name_resolved`, the name behind symbolic links.'),
  include_file_path_resolved: z
    .boolean()
    .default(false)
    .describe('Adds `log.file.path_resolved`, the absolute path behind symbolic links.'),
  max_log_size: moot('no line is ever split, however long; `max_document_size` bounds what is held'),
};

export const includeFileName =
  'Adds `log.file.name` to each span and log record, and to the metadata of each metric.';

/** The Collector's keys that do nothing in a job that reads each file once, and those that would change what is read. */
export const otherCollectorKeys = {
  max_log_size_behavior: moot('no line is ever split'),
  replay_file: moot('a run without `--resume` reads every file from its beginning'),
  fingerprint_size: moot('files are told apart by content, device and inode'),
  initial_buffer_size: moot('buffers grow as needed'),
  max_batches: moot('files are read one after the other, in the order of time'),
  force_flush_period: moot(
    'a file ends where it ends; when it is followed, a line waits for its rest, and a record that a line could go on with for the next one',
  ),
  acquire_fs_lock: moot('files are only read'),
  on_truncate: moot('one that is cut while it is followed is read anew; else one that shrinks is reported'),
  polls_to_archive: moot('what was rotated is known again by its content'),
  compression: moot('gzip and zstd are told by their first bytes'),
  encoding: moot('JSON is UTF-8; for the shape of the files there is `format`'),
  file_cache_advise: moot('the system caches what it likes'),
  preserve_leading_whitespaces: moot('blanks around a document mean nothing'),
  preserve_trailing_whitespaces: moot('blanks around a document mean nothing'),
  include_file_record_number: refused('unreadable regions are named with their line; ' + ownOnly),
  include_file_record_offset: refused('unreadable regions are named with their offset; ' + ownOnly),
  include_file_owner_name: refused(ownOnly),
  include_file_owner_group_name: refused(ownOnly),
  include_file_permissions: refused(ownOnly),
  storage: refused('how far files are read is in the checkpoint of the run, for `--resume`; leave it out'),
  delete_after_read: refused(
    'recordings are never deleted; delete them after a run that ends with exit code 0',
  ),
  ordering_criteria: refused(
    'files are read in the order of their first timestamp; name the wanted ones in `include`',
  ),
  header: refused('files with a header are no recordings that can be read'),
  multiline: refused('documents may have any number of lines without it'),
};

export interface FileSettings {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly exclude_older_than?: number | undefined;
  readonly start_at?: 'beginning' | 'end' | undefined;
  readonly poll_interval: number;
  readonly max_concurrent_files: number;
  readonly format: string;
  readonly signal?: 'traces' | 'logs' | 'metrics' | undefined;
  readonly base_time?: bigint | undefined;
  readonly lines?: LinesConfig | undefined;
  readonly on_error: 'drop' | 'fail';
  readonly deduplicate: boolean;
  readonly max_remembered_items: number;
  readonly max_document_size: number;
  readonly max_decompressed_size: number;
  readonly max_decompression_ratio: number;
  readonly max_zstd_window: number;
  readonly max_depth: number;
  readonly max_attributes: number;
  readonly max_files: number;
  readonly max_archive_memory: number;
  readonly batch_bytes: number;
  readonly include_file_name: boolean;
  readonly include_file_path: boolean;
  readonly include_file_name_resolved: boolean;
  readonly include_file_path_resolved: boolean;
  /** Encodings of the user's own extensions: they are asked before the built-in ones. */
  readonly encodings?: readonly Encoding[] | undefined;
}

/** The pipeline hands them through without knowing what they are. */
export function ownEncodings({ extensions }: { readonly extensions?: Extensions }): readonly Encoding[] {
  return (extensions?.encodings as readonly Encoding[] | undefined) ?? [];
}

export type LimitSettings = Pick<
  FileSettings,
  'max_decompressed_size' | 'max_decompression_ratio' | 'max_zstd_window'
>;

export function limitsOf(settings: LimitSettings): DecompressLimits {
  return {
    maxDecompressedSize: settings.max_decompressed_size,
    maxDecompressionRatio: settings.max_decompression_ratio,
    maxZstdWindow: settings.max_zstd_window,
  };
}

/** Problems of values that a schema cannot see. */
export function checkSettings(settings: FileSettings, facts: CheckFacts): CheckedProblem[] {
  const { follow = false, has } = facts;
  const problems: CheckedProblem[] = [];
  if (settings.start_at === 'end' && !follow) {
    problems.push({
      severity: 'error',
      path: ['start_at'],
      message: 'must be beginning: a job that starts at the end reads nothing',
      remedy: 'write start_at: beginning, or run with --follow',
    });
  }
  if (follow && settings.include.includes('-')) {
    problems.push({
      severity: 'error',
      path: ['include'],
      message: 'names standard input (`-`), which cannot be followed: it ends when it ends',
      remedy: 'run without --follow: standard input is read until it is closed',
    });
  }
  if (follow && settings.deduplicate) {
    problems.push({
      severity: 'error',
      path: ['deduplicate'],
      message: 'compares whole files, and those that are followed have no end',
      remedy: 'leave it out: what was rotated is known again by its content, without it',
    });
  }
  for (const key of follow ? [] : ['poll_interval', 'max_concurrent_files'].filter((key) => has(key))) {
    problems.push({
      severity: 'notice',
      path: [key],
      message: 'has no effect here: without --follow files are read once, one after the other',
    });
  }
  const format = formatProblem(settings.format, ownEncodings(facts));
  if (format !== undefined) problems.push({ severity: 'error', path: ['format'], ...format });
  const inLines = linesProblem(settings.lines);
  if (inLines !== undefined) problems.push(inLines);
  return problems;
}

/** The Collector starts at the end by default. */
export function startAtNotice(facts: CheckFacts): CheckedProblem[] {
  if (facts.has('start_at')) return [];
  const message = 'start_at is left out and means beginning here; the Collector would start at the end';
  return [{ severity: 'notice', path: [], message, remedy: 'write start_at: beginning, for both' }];
}

function formatProblem(
  format: string,
  own: readonly Encoding[],
): { message: string; remedy?: string } | undefined {
  const names = ['auto', ...own.map(({ name }) => name), ...encodingNames];
  if (names.includes(format)) return undefined;
  const list = `one of: ${names.join(', ')}`;
  const meant = didYouMean(format, names);
  const remedy = meant === undefined ? list : `${meant}\n${list}`;
  return { message: `must be an encoding, found ${JSON.stringify(format)}`, remedy };
}
