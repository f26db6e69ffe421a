/** What is wrong with a certificate, in words that say what the certificate has: Node's name only the half of it. */
import type { PeerCertificate } from 'node:tls';
import { systemClock } from '../../pipeline/clock.ts';
import type { TlsOptions } from './http-tls.ts';

/**
 * Adds to an error of TLS whose certificate it was: of which names, or until when it was good. The error stays the same
 * object, with its code; other errors stay as they are. Never rejects.
 */
export async function explainTlsError(error: unknown, target: URL, options: TlsOptions): Promise<void> {
  if (!(error instanceof Error) || !('code' in error)) return;
  if (error.code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = 'cert' in error ? namesOf(error.cert as PeerCertificate) : '';
    error.message = `the certificate is not for ${serverOf(target, options)}${names === '' ? '' : `, it is for ${names}`}`;
  }
  if (error.code !== 'CERT_HAS_EXPIRED' && error.code !== 'CERT_NOT_YET_VALID') return;
  const certificate = await certificateOf(target, options);
  if (certificate === undefined) return;
  const [from, to] = [certificate.valid_from, certificate.valid_to].map(dayOf);
  error.message += `: it is good from ${from} to ${to}`;
}

function namesOf({ subjectaltname, subject }: PeerCertificate): string {
  const common = subject?.CN;
  return subjectaltname ?? (Array.isArray(common) ? common.join(', ') : (common ?? ''));
}

function serverOf({ hostname }: URL, { servername }: TlsOptions): string {
  return servername ?? hostname;
}

/** `Feb  1 00:00:00 2020 GMT` as 2020-02-01. */
function dayOf(text: string): string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date.toISOString().slice(0, 10);
}

const longestLookMs = 2000;

/** Node keeps the certificate that it does not take to itself, so it is asked for once more; nothing is sent over it. */
async function certificateOf(target: URL, options: TlsOptions): Promise<PeerCertificate | undefined> {
  const { connect } = process.getBuiltinModule('node:tls');
  const host = target.hostname.replaceAll(/[[\]]/g, '');
  const socket = connect({
    ...options,
    host,
    port: Number(target.port === '' ? 443 : target.port),
    rejectUnauthorized: false,
    timeout: longestLookMs,
  });
  const found = await new Promise<PeerCertificate | undefined>((resolve) => {
    socket.once('secureConnect', () => resolve(socket.getPeerCertificate(true)));
    socket.once('error', () => resolve(undefined));
    socket.once('timeout', () => resolve(undefined));
  });
  socket.destroy();
  return found === undefined ? undefined : outdatedOf(found);
}

/** Of a chain, the certificate whose time is over or has not come. */
function outdatedOf(leaf: PeerCertificate): PeerCertificate {
  const nowMs = Number(systemClock.nowUnixNano() / 1_000_000n);
  const seen = new Set<string>();
  let certificate: PeerCertificate & { issuerCertificate?: PeerCertificate } = leaf;
  while (!seen.has(certificate.fingerprint256)) {
    if (Date.parse(certificate.valid_to) < nowMs || Date.parse(certificate.valid_from) > nowMs)
      return certificate;
    seen.add(certificate.fingerprint256);
    if (certificate.issuerCertificate === undefined) break;
    certificate = certificate.issuerCertificate;
  }
  return leaf;
}
