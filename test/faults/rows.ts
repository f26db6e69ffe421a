/** The fault matrix: all rows, in their order. */
import { partial, proxyPage, refusals, lokiSome, storms, throttled } from './rows/answers.ts';
import { appended, rotated } from './rows/follow.ts';
import { memory, signals } from './rows/job.ts';
import { dns, resets, silent, slow, tls } from './rows/network.ts';
import { diskFull, noState, oneDown } from './rows/outputs.ts';
import { ownProcessor } from './rows/own-processor.ts';
import { bombs, garbage, hugeLine, lastLine, links, members, twice } from './rows/recordings.ts';
import { clock, compressed, killed, reconfigured, replaced, torn, two } from './rows/resume.ts';
import { hostileKeys, ids, numbersAndText, regexes, times } from './rows/values.ts';
import type { MissingRow, Row } from './row.ts';

export const rows: readonly Row[] = [
  killed,
  torn,
  replaced,
  reconfigured,
  oneDown,
  diskFull,
  noState,
  compressed,
  rotated,
  appended,
  clock,
  two,
  throttled,
  storms,
  refusals,
  partial,
  lokiSome,
  resets,
  silent,
  slow,
  dns,
  tls,
  lastLine,
  garbage,
  hugeLine,
  bombs,
  members,
  links,
  twice,
  signals,
  memory,
  numbersAndText,
  hostileKeys,
  regexes,
  ownProcessor,
  ids,
  times,
  proxyPage,
].toSorted((a, b) => a.row - b.row);

export const missingRows: readonly MissingRow[] = [
  { row: 8, fault: 'gRPC RESOURCE_EXHAUSTED without RetryInfo', missing: 'OTLP over gRPC is not built' },
  { row: 39, fault: 'Reload of a broken config in the middle of a job', missing: 'reload is not built' },
];
