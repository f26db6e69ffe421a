/**
 * What Loki says of lines that it did not take, having stored the others; the texts are those of Loki's own sources. What
 * 3.7 says, over its push API and over OTLP:
 * - distributor: `entry for stream '{...}' has timestamp too old: ...`, several joined as `5 errors like: ...; 1 errors like: ...`
 * - ingester: `... total ignored: 3 out of 10 for stream: {...}`, of the last stream of the request only
 */

/** What was sent. */
export interface SentLines {
  readonly items: number;
  /** The streams of the request, by their selector, and how many lines of it are theirs; none where Loki makes them. */
  readonly streams: readonly { readonly text: string; readonly items: number }[];
  /** Whether the streams that Loki makes are one, as long as it makes labels of resources only, which is its default. */
  readonly isOneResource?: boolean;
  /** Whether the answer was cut. */
  readonly truncated: boolean;
}

/** How many lines were stored, how many may be; the others are refused. */
export interface LineCounts {
  readonly reason: string;
  readonly delivered: number;
  readonly uncertain: number;
}

/** Undefined for a text that speaks of no line or stream. */
export function readLokiWords(text: string, sent: SentLines): LineCounts | undefined {
  const bare = withoutLabels(text, sent);
  const behind = behindPattern.exec(bare);
  if (behind !== null) return countBehind(Number(behind[1]), Number(behind[2]), sent.items);
  const counted = countComplaints(bare, text, sent);
  if (counted === undefined) return undefined;
  const refused = Math.min(counted.refused, sent.items);
  const uncertain = sent.truncated || counted.open ? sent.items - refused : 0;
  return { reason: counted.reason, delivered: sent.items - refused - uncertain, uncertain };
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

/** The ingester speaks of one stream, and of what reached it: what another stream or the distributor lost is not said. */
function countBehind(ignored: number, seen: number, items: number): LineCounts {
  const refused = Math.min(ignored, items);
  const certain = Math.min(Math.max(seen, refused), items);
  return { reason: behindReason, delivered: certain - refused, uncertain: items - certain };
}

interface Counted {
  refused: number;
  /** Whether the answer leaves open how many lines it means. */
  open: boolean;
  reason: string;
}

function countComplaints(bare: string, text: string, sent: SentLines): Counted | undefined {
  const reasons = new Set<string>();
  const counted: Counted = { refused: 0, open: false, reason: '' };
  const found = complaintsIn(bare);
  const only = sent.isOneResource === true && found.length === 1 && found[0]?.count === 1;
  for (const { count, complaint } of found) {
    if (complaint === undefined) {
      counted.open = true;
      continue;
    }
    reasons.add(complaint.reason);
    if (complaint.wholeStream !== true) counted.refused += count;
    else counted.refused += only ? sent.items : itemsOfNamedStreams(text, sent, counted);
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

function itemsOfNamedStreams(text: string, sent: SentLines, counted: Counted): number {
  const [only] = sent.streams;
  if (sent.streams.length === 1 && only !== undefined) return only.items;
  const named = sent.streams.filter((stream) => text.includes(stream.text));
  if (named.length === 0) counted.open = true;
  return named.reduce((sum, stream) => sum + stream.items, 0);
}

/** Labels come from data: what they say must not be read as Loki's words. */
function withoutLabels(text: string, sent: SentLines): string {
  // The end of a label set that Loki made cannot be told for certain, but nearly so.
  let bare = sent.streams.length === 0 ? text.replaceAll(/stream '\{.*?\}'/gs, "stream '{}'") : text;
  for (const stream of sent.streams) bare = bare.replaceAll(stream.text, '{}');
  return bare;
}
