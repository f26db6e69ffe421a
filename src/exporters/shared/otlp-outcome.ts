/** What an OTLP backend's answer means for the items of a request. */
import type { Signal } from '../../model/signal.ts';
import type { Outcome } from '../../pipeline/component.ts';
import { headersKey, otlpAnswers } from '../../pipeline/answer-table.ts';
import { outcomeOf } from '../../pipeline/retry.ts';
import {
  answeredWithPage,
  answerReason,
  bodyText,
  contentType,
  isWebPage,
  outcomeOfAnswer,
} from './answer.ts';
import type { HttpAnswer } from './http-client.ts';
import { readRateLimit } from './loki-rate.ts';
import { readLokiWords } from './loki-words.ts';
import { failureText, failureWords, type PartialSuccess } from './otlp-answer.ts';
import { printableUrl } from './url.ts';

/** An answer and the request that it belongs to. */
export interface Exchange {
  readonly url: string;
  readonly signal: Signal;
  readonly items: number;
  /** All items have the same resource. */
  readonly isOneResource?: boolean;
  readonly nowUnixMs: number;
  readonly answer: HttpAnswer;
  /** Of a successful answer: what it rejected. */
  readonly partial?: PartialSuccess | undefined;
  /** Of a successful answer: why it could not be read. */
  readonly unreadable?: string | undefined;
}

/** Other 2xx are not successes: Loki answers 260 while its ingestion is blocked, and stores nothing. */
const successes = new Set([200, 202, 204]);

/**
 * Body limits that are told with another status than 413: Go's servers say 400, a gRPC server behind a gateway says
 * 400, 429 or 500, Tempo says 429 when one request alone is over the tenant's burst.
 */
const tooLarge =
  /request body too large|message larger than max|batch size .*exceeds ingestion limit|(payload|entity) too large/i;
const mayBeTooLarge = new Set([400, 429, 500]);

/** Tempo says so only of what is above its rate as well; what is above its burst alone would wait for ever. */
const tempoBurst = /burst: (\d+) bytes\) exceeded while adding (\d+) bytes/;

function isTooLarge(status: number, saying: string): boolean {
  if (!mayBeTooLarge.has(status)) return false;
  const [, burst, bytes] = tempoBurst.exec(saying) ?? [];
  return tooLarge.test(saying) || Number(bytes) > Number(burst);
}

const plainToTls = /HTTP request (was sent|to an?) .*HTTPS/i;

export function outcomeOfExchange(exchange: Exchange): Outcome {
  const { url, answer } = exchange;
  if (answer.status >= 200 && answer.status < 300) return success(exchange);
  const saying = failureText(answer);
  const reason = answerReason(url, answer, saying);
  const told = outcomeOfWords(exchange, saying, reason);
  if (told !== undefined) return told;
  const outcome = outcomeOfAnswer(url, answer, { saying, nowUnixMs: exchange.nowUnixMs });
  if ((outcome.verdict === 'refused' || outcome.verdict === 'bisect') && isWebPage(answer))
    return answeredWithPage(url, answer, 'OTLP');
  const remedy = remedyOf(exchange);
  return outcome.verdict === 'stop' && remedy !== undefined ? { ...outcome, remedy } : outcome;
}

/** Where the words of a failure say more than its status. */
function outcomeOfWords(
  { answer, items, signal, isOneResource = false }: Exchange,
  saying: string,
  reason: string,
): Outcome | undefined {
  const { status } = answer;
  if (plainToTls.test(saying) || plainToTls.test(answer.body.toString('latin1', 0, 2048)))
    return outcomeOf(otlpAnswers.plainToTls, { reason, status });
  if (isTooLarge(status, saying)) return outcomeOf(otlpAnswers.tooLarge, { reason, status });
  if (signal === 'logs' && status === 429 && items > 1) return lokiRate(failureWords(answer), reason);
  return signal === 'logs' && status === 400 ? lokiLines(answer, { items, isOneResource }) : undefined;
}

function success({ url, answer, items, partial, unreadable }: Exchange): Outcome {
  if (isWebPage(answer)) return answeredWithPage(url, answer, 'OTLP');
  if (!successes.has(answer.status)) {
    const reason = `${answerReason(url, answer)} (not a success in OTLP)`;
    return outcomeOf(otlpAnswers.blocked, { reason, status: answer.status });
  }
  if (unreadable !== undefined) return { verdict: 'delivered', notice: oddAnswer(url, answer, unreadable) };
  if (partial === undefined) return { verdict: 'delivered' };
  const { rejected, message } = partial;
  if (rejected === 0)
    return { verdict: 'delivered', notice: `${printableUrl(url)} took all and says: ${message}` };
  return {
    verdict: 'delivered',
    refused: Math.min(rejected, items),
    reason: message === '' ? 'rejected without a reason' : message,
  };
}

/** A request above a rate of Loki may be above its burst as well: in halves it goes, whole perhaps never. */
function lokiRate(words: string, reason: string): Outcome | undefined {
  const rate = readRateLimit(words);
  if (rate?.isTooLarge !== true) return undefined;
  const meaning = rate.mayBeStored ? otlpAnswers.lokiStreamRate : otlpAnswers.lokiRate;
  return outcomeOf(meaning, { status: 429, reason });
}

/** Loki takes OTLP too and, as on its push API, stores the lines that it does not complain of. */
function lokiLines(answer: HttpAnswer, sent: { items: number; isOneResource: boolean }): Outcome | undefined {
  const { truncated } = answer;
  const counts = readLokiWords(failureWords(answer), { ...sent, streams: [], truncated });
  return counts === undefined ? undefined : { verdict: 'refused', status: answer.status, ...counts };
}

function oddAnswer(url: string, answer: HttpAnswer, why: string): string {
  const type = contentType(answer) === '' ? '' : ` (${contentType(answer)})`;
  const text = bodyText(answer).slice(0, 100);
  return `${printableUrl(url)} answered ${answer.status}, counted as delivered, but not in OTLP: ${why}${type}: ${text}`;
}

const headerExamples = '`Authorization: "Bearer ${env:TOKEN}"` or `X-Scope-OrgID: team`';

function remedyOf({ url, signal, answer }: Exchange): string | undefined {
  if (answer.status === 401 || answer.status === 403) {
    return `give credentials or the tenant under ${headersKey}, for example ${headerExamples}`;
  }
  if (answer.status !== 404 && answer.status !== 405) return undefined;
  const path = new URL(url).pathname;
  if (/\/v1\/\w+\/v1\/\w+$/.test(path))
    return `\`endpoint\` is the base address: leave \`/v1/${signal}\` out of it, or write \`${signal}_endpoint\``;
  return (
    `\`endpoint\` is the base address to which /v1/${signal} is added: http://host:4318 for a Collector, Tempo or Jaeger, ` +
    `http://host:3100/otlp for Loki; \`${signal}_endpoint\` is taken as it is`
  );
}

/** What undici throws when a port does not speak HTTP/1.1; undefined for every other error. */
export function outcomeOfForeignProtocol(url: string, error: unknown): Outcome | undefined {
  if (!(error instanceof Error) || error.name !== 'HTTPParserError') return undefined;
  return outcomeOf(otlpAnswers.foreign, { reason: `${printableUrl(url)} does not answer in HTTP/1.1` });
}
