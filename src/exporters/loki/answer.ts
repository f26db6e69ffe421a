/**
 * What Loki's answer to a push says about each line of it. The texts are those of Loki's own sources.
 *
 * A 400 may have stored all lines but the ones it complains of, so it is never tried again, and the lines that it took
 * are counted from its text; what the text leaves open is uncertain. What 3.7 says:
 * - distributor: `entry for stream '{...}' has timestamp too old: ...`, several joined as `5 errors like: ...; 1 errors like: ...`
 * - ingester: `... total ignored: 3 out of 10 for stream: {...}`, of the last stream of the request only
 * - parser: anything else; then nothing is stored
 */
import type { Outcome } from '../../pipeline/component.ts';
import { headersKey } from '../../pipeline/retry.ts';
import {
  answeredWithPage,
  answerReason,
  bodyText,
  contentType,
  isWebPage,
  outcomeOfAnswer,
  printableText,
} from '../shared/answer.ts';
import type { HttpAnswer } from '../shared/http-client.ts';
import { printableUrl } from '../shared/url.ts';

export interface PushFacts {
  readonly url: string;
  readonly items: number;
  /** The streams of the request, by their selector, and how many lines of it are theirs. */
  readonly streams: readonly { readonly text: string; readonly items: number }[];
  readonly nowUnixMs: number;
}

/** A page with one of these means another server than Loki; with 413, 429 or 502, a proxy in front of it. */
const pageStatuses: ReadonlySet<number> = new Set([400, 404, 422, 500]);

export function outcomeOfPush(answer: HttpAnswer, facts: PushFacts): Outcome {
  if (isWebPage(answer) && (answer.status < 300 || pageStatuses.has(answer.status)))
    return answeredWithPage(facts.url, answer, 'Loki');
  if (answer.status >= 200 && answer.status < 300) return outcomeOfSuccess(answer, facts);
  const text = answer.body.toString();
  switch (answer.status) {
    case 400:
      return outcomeOf400(text, answer, facts);
    case 401:
      return {
        ...stop(answer, facts),
        remedy: `set \`tenant\`, or credentials under ${headersKey}: this Loki runs with auth_enabled, or a gateway stands before it`,
      };
    case 404:
      return {
        ...stop(answer, facts),
        remedy: 'check `endpoint`: the base address of Loki, without /loki/api/v1/push or with it once',
      };
    case 429:
      return outcomeOf429(text, answer, facts);
    case 500:
      return outcomeOf500(text, answer, facts);
    default:
      return outcomeOfAnswer(facts.url, answer, { nowUnixMs: facts.nowUnixMs });
  }
}

function stop(answer: HttpAnswer, facts: PushFacts): Outcome & { verdict: 'stop' } {
  return { verdict: 'stop', status: answer.status, reason: answerReason(facts.url, answer) };
}

function outcomeOfSuccess(answer: HttpAnswer, facts: PushFacts): Outcome {
  const { status } = answer;
  if (status === 260) {
    return {
      verdict: 'refused',
      status,
      reason: `Loki drops everything now: ${bodyText(answer) || 'its ingestion is blocked'} (260)`,
    };
  }
  const type = contentType(answer);
  const foreign =
    answer.body.length > 0 && (type === 'application/json' || type === 'application/x-protobuf');
  if ((status === 200 || status === 204) && !foreign) return { verdict: 'delivered' };
  return {
    verdict: 'stop',
    status,
    reason: `${printableUrl(facts.url)} answered ${status}${type === '' ? '' : ` with ${type}`}, as Loki never does after a push`,
    remedy: 'check `endpoint`; an OTLP endpoint wants the exporter otlp_http',
  };
}

interface Complaint {
  readonly pattern: RegExp;
  readonly reason: string;
  /** Whether one complaint is about a whole stream. */
  readonly wholeStream?: boolean;
}

/** What the distributor says of entries and streams that it does not take. */
const complaints: readonly Complaint[] = [
  { pattern: /has timestamp too old/, reason: 'older than Loki takes (reject_old_samples_max_age)' },
  {
    pattern: /has timestamp too new/,
    reason: 'further in the future than Loki takes (creation_grace_period)',
  },
  { pattern: /max entry size '\d+' bytes exceeded/, reason: 'line longer than Loki takes (max_line_size)' },
  {
    pattern: /includes structured metadata, but this feature is disallowed/,
    reason: 'structured metadata is not allowed there (allow_structured_metadata)',
  },
  {
    pattern: /has structured metadata too large/,
    reason: 'more structured metadata than Loki takes (max_structured_metadata_size)',
  },
  {
    pattern: /has too many structured metadata labels/,
    reason: 'more structured metadata than Loki takes (max_structured_metadata_entries_count)',
  },
  {
    pattern: /has \d+ label names; limit \d+/,
    reason: 'more labels than Loki takes (max_label_names_per_series)',
    wholeStream: true,
  },
  { pattern: /has label (name|value) too long/, reason: 'a label longer than Loki takes', wholeStream: true },
  { pattern: /has duplicate label name/, reason: 'a label twice', wholeStream: true },
  {
    pattern: /missing required labels/,
    reason: 'a label is missing that this Loki requires (enforced_labels)',
    wholeStream: true,
  },
  {
    pattern: /error parsing labels|at least one label pair is required/,
    reason: 'labels that Loki cannot read',
    wholeStream: true,
  },
];

const behindReason = 'more than an hour behind the newest line of its stream (too far behind)';
const behindPattern = /total ignored: (\d+) out of (\d+) for stream: /;

/** What the parser says; nothing of the request is stored then. */
const unparsed =
  /couldn't parse|can't parse|Content-Encoding .* not supported|mime: |snappy|proto|unmarshal|parse error|syntax error|ReadString|ReadObject|readObject|loghttp|strconv|invalid character|unexpected|Unknown value type|malformed|no org id|compressed message size/i;

function outcomeOf400(text: string, answer: HttpAnswer, facts: PushFacts): Outcome {
  const { status } = answer;
  const bare = withoutLabels(text, facts);
  const behind = behindPattern.exec(bare);
  if (behind !== null) return outcomeOfBehind(Number(behind[1]), Number(behind[2]), facts);
  const counted = countComplaints(bare, text, facts);
  if (counted !== undefined) {
    const refused = Math.min(counted.refused, facts.items);
    const uncertain = answer.truncated || counted.open ? facts.items - refused : 0;
    return {
      verdict: 'refused',
      status,
      reason: counted.reason,
      delivered: facts.items - refused - uncertain,
      uncertain,
    };
  }
  const reason = answerReason(facts.url, answer);
  return unparsed.test(text)
    ? { verdict: 'refused', status, reason }
    : { verdict: 'refused', status, reason, uncertain: facts.items };
}

/** The ingester speaks of one stream, and of what reached it: what another stream or the distributor lost is not said. */
function outcomeOfBehind(ignored: number, seen: number, facts: PushFacts): Outcome {
  const refused = Math.min(ignored, facts.items);
  const certain = Math.min(Math.max(seen, refused), facts.items);
  const delivered = certain - refused;
  return {
    verdict: 'refused',
    status: 400,
    reason: behindReason,
    delivered,
    uncertain: facts.items - certain,
  };
}

interface Counted {
  refused: number;
  /** Whether the answer leaves open how many lines it means. */
  open: boolean;
  reason: string;
}

function countComplaints(bare: string, text: string, facts: PushFacts): Counted | undefined {
  const reasons = new Set<string>();
  const counted: Counted = { refused: 0, open: false, reason: '' };
  for (const { count, complaint } of complaintsIn(bare)) {
    if (complaint === undefined) {
      counted.open = true;
      continue;
    }
    reasons.add(complaint.reason);
    counted.refused += complaint.wholeStream === true ? itemsOfNamedStreams(text, facts, counted) : count;
  }
  counted.reason = [...reasons].toSorted().join('; ');
  return reasons.size === 0 ? undefined : counted;
}

/** Loki groups equal complaints: `2 errors like: A; 1 errors like: B`, or `A` alone when there is only one. */
function complaintsIn(bare: string): { count: number; complaint: Complaint | undefined }[] {
  const groups = bare.split(/(?:^|; )(\d+) errors like: /);
  const found: { count: number; complaint: Complaint | undefined }[] = [];
  if (groups.length === 1) groups.unshift('', '1');
  for (let i = 1; i + 1 < groups.length; i += 2) {
    const words = groups[i + 1] ?? '';
    found.push({
      count: Number(groups[i]),
      complaint: complaints.find(({ pattern }) => pattern.test(words)),
    });
  }
  return found;
}

function itemsOfNamedStreams(text: string, facts: PushFacts, counted: Counted): number {
  const [only] = facts.streams;
  if (facts.streams.length === 1 && only !== undefined) return only.items;
  const named = facts.streams.filter((stream) => text.includes(stream.text));
  if (named.length === 0) counted.open = true;
  return named.reduce((sum, stream) => sum + stream.items, 0);
}

/** Labels come from data: what they say must not be read as Loki's words. */
function withoutLabels(text: string, facts: PushFacts): string {
  let bare = text;
  for (const stream of facts.streams) bare = bare.replaceAll(stream.text, '{}');
  return bare;
}

const rateLimit = /\(limit: (\d+) bytes\/sec\) while attempting to ingest '\d+' lines totaling '(\d+)' bytes/;

/** A request above the rate may be above the burst as well: in halves it goes, whole perhaps never. */
function outcomeOf429(text: string, answer: HttpAnswer, facts: PushFacts): Outcome {
  const [, limit, bytes] = rateLimit.exec(text) ?? [];
  if (limit !== undefined && Number(bytes) > Number(limit) && facts.items > 1) {
    return { verdict: 'split', status: 429, reason: answerReason(facts.url, answer) };
  }
  return outcomeOfAnswer(facts.url, answer, { nowUnixMs: facts.nowUnixMs, saying: printableText(text) });
}

const poison =
  /label name is empty|normalization for label name .* resulted in invalid name|contains only underscores/;
/** What a Loki says that is starting, or loses a part of itself. */
const passing =
  /ring|replicas|unavailable|deadline|timeout|timed out|connection|context canceled|too many|starting|shutting|circuit/i;
const most500Attempts = 3;

function outcomeOf500(text: string, answer: HttpAnswer, facts: PushFacts): Outcome {
  const reason = answerReason(facts.url, answer);
  const isPassing = passing.test(text) && !poison.test(text);
  return { verdict: 'retry', status: 500, reason, ...(isPassing ? {} : { maxAttempts: most500Attempts }) };
}
