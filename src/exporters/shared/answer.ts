/** What an answer over HTTP says, for people; shared by the exporters over HTTP. */
import type { Outcome } from '../../pipeline/component.ts';
import { otlpAnswers } from '../../pipeline/answer-table.ts';
import { outcomeOf, outcomeOfStatus } from '../../pipeline/retry.ts';
import type { HttpAnswer } from './http-client.ts';
import { printableUrl } from './url.ts';

/** How much of a backend's words is repeated. */
const longestText = 300;

/** One line of at most 300 characters, without control characters. */
export function printableText(text: string): string {
  // Three times the length, so that escapes and spaces that go do not shorten what is left.
  const line = text
    .slice(0, longestText * 3)
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return line.length > longestText ? `${line.slice(0, longestText)}…` : line;
}

export function contentType(answer: HttpAnswer): string {
  return (answer.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** A page for people: of a proxy, of a login, of another program on that port. */
export function isWebPage(answer: HttpAnswer): boolean {
  const type = contentType(answer);
  if (type === 'text/html' || type === 'application/xhtml+xml') return true;
  return type === '' && /^\s*<(!doctype html|html)/i.test(answer.body.toString('latin1', 0, 200));
}

export function bodyText(answer: HttpAnswer): string {
  if (isWebPage(answer)) return titleOf(answer.body.toString('utf8', 0, 16_384));
  return printableText(answer.body.toString('utf8', 0, 4096));
}

function titleOf(page: string): string {
  const title = printableText(/<title[^>]*>([^<]*)/i.exec(page)?.[1] ?? '');
  return title === '' ? 'a web page' : `a web page, "${title}"`;
}

/** `http://host/path answered 503: no space left`; without the colon where the backend said nothing. */
export function answerReason(url: string, answer: HttpAnswer, saying: string = bodyText(answer)): string {
  return `${printableUrl(url)} answered ${answer.status}${saying === '' ? '' : `: ${saying}`}`;
}

/**
 * The outcome of an answer by the common table, with the address and the backend's words in its reason and, for a
 * redirect, where it points. What only one protocol knows is for the exporter to look at first.
 */
export function outcomeOfAnswer(
  url: string,
  answer: HttpAnswer,
  facts: { saying?: string; nowUnixMs: number },
): Outcome {
  if (answer.status >= 300 && answer.status < 400) return redirected(url, answer);
  const reason = answerReason(url, answer, facts.saying);
  return outcomeOfStatus(
    { status: answer.status, retryAfter: answer.headers.get('retry-after'), reason },
    facts.nowUnixMs,
  );
}

function redirected(url: string, answer: HttpAnswer): Outcome {
  const location = answer.headers.get('location') ?? '';
  const target = URL.canParse(location, url) ? printableUrl(new URL(location, url).href) : 'elsewhere';
  return {
    verdict: 'stop',
    status: answer.status,
    reason: `${printableUrl(url)} redirects to ${target} (${answer.status}), and redirects are not followed`,
    remedy:
      'if that is the right place, give its address as the endpoint; a redirect to a login page means that credentials are missing',
  };
}

/** The answer of something else than the backend: success in name, a web page in fact. */
export function answeredWithPage(url: string, answer: HttpAnswer, protocol: string): Outcome {
  const reason = `${printableUrl(url)} answered with ${bodyText(answer)} (${answer.status}); is this the ${protocol} address?`;
  return outcomeOf(otlpAnswers.page, { status: answer.status, reason });
}
