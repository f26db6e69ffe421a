/**
 * What Loki's answer to a push says about each line of it. A 400 may have stored all lines but the ones it complains of
 * (see loki-words.ts), so it is never tried again, and the lines that it took are counted from its text; what the text
 * leaves open is uncertain. Only where the parser complains nothing is stored.
 */
import type { Outcome } from '../../pipeline/component.ts';
import { lokiAnswers } from '../../pipeline/answer-table.ts';
import { outcomeOf } from '../../pipeline/retry.ts';
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
import { readRateLimit } from '../shared/loki-rate.ts';
import { readLokiWords } from '../shared/loki-words.ts';
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
      return outcomeOf(lokiAnswers.noTenant, factsOf(answer, facts));
    case 404:
      return outcomeOf(lokiAnswers.notFound, factsOf(answer, facts));
    case 429:
      return outcomeOf429(text, answer, facts);
    case 500:
      return outcomeOf500(text, answer, facts);
    default:
      return outcomeOfAnswer(facts.url, answer, { nowUnixMs: facts.nowUnixMs });
  }
}

function factsOf(answer: HttpAnswer, facts: PushFacts): { status: number; reason: string } {
  return { status: answer.status, reason: answerReason(facts.url, answer) };
}

function outcomeOfSuccess(answer: HttpAnswer, facts: PushFacts): Outcome {
  const { status } = answer;
  if (status === 260) {
    const reason = `Loki drops everything now: ${bodyText(answer) || 'its ingestion is blocked'} (260)`;
    return outcomeOf(lokiAnswers.blocked, { status, reason });
  }
  const type = contentType(answer);
  const foreign =
    answer.body.length > 0 && (type === 'application/json' || type === 'application/x-protobuf');
  if ((status === 200 || status === 204) && !foreign) return { verdict: 'delivered' };
  const reason = `${printableUrl(facts.url)} answered ${status}${type === '' ? '' : ` with ${type}`}, as Loki never does after a push`;
  return outcomeOf(lokiAnswers.foreign, { status, reason });
}

/** What the parser says; nothing of the request is stored then. */
const unparsed =
  /couldn't parse|can't parse|Content-Encoding .* not supported|mime: |snappy|proto|unmarshal|parse error|syntax error|ReadString|ReadObject|readObject|loghttp|strconv|invalid character|unexpected|Unknown value type|malformed|no org id|compressed message size/i;

function outcomeOf400(text: string, answer: HttpAnswer, facts: PushFacts): Outcome {
  const { items, streams } = facts;
  const counts = readLokiWords(text, { items, streams, truncated: answer.truncated });
  if (counts !== undefined) return { verdict: 'refused', status: 400, ...counts };
  if (unparsed.test(text)) return outcomeOf(lokiAnswers.parser, factsOf(answer, facts));
  return { verdict: 'refused', ...factsOf(answer, facts), uncertain: items };
}

const streamLimit = /per stream rate limit|maximum active stream limit/i;

/** A request above a rate of Loki may be above its burst as well: in halves it goes, whole perhaps never. */
function outcomeOf429(text: string, answer: HttpAnswer, facts: PushFacts): Outcome {
  const rate = readRateLimit(text);
  if (rate?.isTooLarge === true && facts.items > 1) {
    const meaning = rate.mayBeStored ? lokiAnswers.streamRate : lokiAnswers.aboveRate;
    return outcomeOf(meaning, factsOf(answer, facts));
  }
  const outcome = outcomeOfAnswer(facts.url, answer, {
    nowUnixMs: facts.nowUnixMs,
    saying: printableText(text),
  });
  const stored = facts.streams.length > 1 && streamLimit.test(text) ? lokiAnswers.streamLimit.stored : 'none';
  return outcome.verdict === 'retry' && stored === 'unknown' ? { ...outcome, mayBeStored: true } : outcome;
}

const poison =
  /label name is empty|normalization for label name .* resulted in invalid name|contains only underscores/;
/** What a Loki says that is starting, or loses a part of itself. */
const passing =
  /ring|replicas|unavailable|deadline|timeout|timed out|connection|context canceled|too many|starting|shutting|circuit/i;

function outcomeOf500(text: string, answer: HttpAnswer, facts: PushFacts): Outcome {
  const { failing, passing: passes, poison: toBlame } = lokiAnswers;
  const meaning = poison.test(text) ? toBlame : passing.test(text) ? passes : failing;
  return outcomeOf(meaning, factsOf(answer, facts));
}
