/** Takes OTLP requests and answers each when its items are settled. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeRequest, UnreadableRequest, type DecodedRequest } from '../../encodings/otlp-request.ts';
import { itemNouns, type Signal } from '../../model/signal.ts';
import type { Receiver, ReceiverContext, ReceiverOutput } from '../../pipeline/component.ts';
import { InterruptedError } from '../../pipeline/errors.ts';
import { codes, formatOf, plain, refused, taken, type Answer, type BodyFormat } from './answer.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { Budget, busy, Gone, readBody, Refused } from './intake.ts';
import { Listener } from './listener.ts';
import { Notes } from './notes.ts';
import type { Config } from './schema.ts';

/** What a request turned out to be, before its body is read. */
interface Addressed {
  readonly signal: Signal;
  readonly format: BodyFormat;
}

const stopping = {
  status: 503,
  code: codes.unavailable,
  message: 'the receiver is stopping',
  retryAfter: 5,
} as const;

export class OtlpReceiver implements Receiver {
  private readonly config: Config;
  private readonly context: ReceiverContext;
  private readonly routes: ReadonlyMap<string, Signal>;
  private readonly budget: Budget;
  private readonly notes: Notes;
  private listener: Listener | undefined;
  private output: ReceiverOutput | undefined;
  /** Requests that are read, or wait for their answer. */
  private underWay = 0;
  /** Aborted when no answer will come any more. */
  private readonly over = new AbortController();

  constructor(config: Config, context: ReceiverContext) {
    const { http } = config.protocols;
    this.config = config;
    this.context = context;
    this.notes = new Notes(context.logger);
    this.budget = new Budget(Math.max(http.max_buffered, http.max_request_body_size));
    this.routes = new Map([
      [http.traces_url_path, 'traces'],
      [http.logs_url_path, 'logs'],
      [http.metrics_url_path, 'metrics'],
    ]);
  }

  /** Where it listens, once it does. */
  get url(): string | undefined {
    return this.listener?.url;
  }

  async start(output: ReceiverOutput): Promise<void> {
    const { context, config } = this;
    this.output = output;
    this.listener = await Listener.open(config.protocols.http, {
      directory: context.directory,
      handle: (request, response) => void this.handle(request, response),
    });
    context.logger.info(`listens on ${this.listener.url}, until the run is stopped`);
    await new Promise<void>((resolve) => {
      if (context.signal.aborted) resolve();
      else context.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.listener.refuseConnections();
    const { progress } = context.counts;
    progress.totalBytes = progress.readBytes;
  }

  /** Whoever still waits by now is told that nothing is certain. */
  async shutdown(): Promise<void> {
    this.over.abort();
    await this.listener?.close(this.context.clock);
    this.notes.sayAll();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort(new Gone());
    });
    const answer = await this.answerTo(request, gone.signal).catch((error: unknown) => {
      if (error instanceof Gone) return undefined;
      this.context.logger.error(`a request could not be handled: ${String(error)}`);
      return plain(500, 'internal error');
    });
    if (answer === undefined || gone.signal.aborted) {
      this.notes.left();
      return;
    }
    if (answer.status >= 400) this.notes.refused(answer.status, request.url ?? '');
    if (!request.complete) await this.discard(request);
    if (!request.complete || this.context.signal.aborted) response.setHeader('connection', 'close');
    const { cors } = this.config.protocols.http;
    response.writeHead(answer.status, {
      ...(answer.body.length > 0 || answer.status === 200 ? { 'content-type': answer.type } : {}),
      'content-length': String(answer.body.length),
      ...corsHeaders(cors, request.headers),
      ...answer.headers,
    });
    response.end(answer.body);
  }

  private async answerTo(request: IncomingMessage, gone: AbortSignal): Promise<Answer> {
    const addressed = this.address(request);
    if ('status' in addressed) return addressed;
    const { format } = addressed;
    if (this.context.signal.aborted) return refused(format, stopping);
    const { max_concurrent_requests: most } = this.config.protocols.http;
    if (this.underWay >= most)
      return refused(format, busy(`${most} requests are under way (max_concurrent_requests)`));
    this.underWay++;
    try {
      return await this.take(request, addressed, gone);
    } catch (error) {
      if (error instanceof Refused) return refused(format, error.refusal);
      if (error instanceof InterruptedError) return refused(format, stopping);
      throw error;
    } finally {
      this.underWay--;
    }
  }

  /** What is asked for, or why that is not answered here. */
  private address({ method, url = '', headers }: IncomingMessage): Addressed | Answer {
    const path = url.split('?', 1)[0] ?? '';
    const signal = this.routes.get(path);
    if (signal === undefined) return plain(404, `nothing is taken at this path; known: ${this.paths()}`);
    if (method === 'OPTIONS') {
      const allowed = preflightHeaders(this.config.protocols.http.cors, headers);
      if (allowed !== undefined) return plain(204, '', allowed);
    }
    if (method !== 'POST') return plain(405, '405 method not allowed, supported: [POST]', { allow: 'POST' });
    if (!this.context.signals.has(signal)) return plain(404, `no pipeline takes ${itemNouns[signal].many}`);
    const format = formatOf(headers['content-type']);
    if (format !== undefined) return { signal, format };
    return plain(415, '415 unsupported media type, supported: [application/json, application/x-protobuf]');
  }

  private paths(): string {
    return [...this.routes]
      .flatMap(([path, signal]) => (this.context.signals.has(signal) ? path : []))
      .join(', ');
  }

  private async take(request: IncomingMessage, addressed: Addressed, gone: AbortSignal): Promise<Answer> {
    const { http } = this.config.protocols;
    const limits = { maxBytes: http.max_request_body_size, algorithms: http.compression_algorithms };
    const body = await readBody(request, limits, this.budget);
    const settled = Promise.withResolvers<boolean>();
    let decoded: DecodedRequest;
    try {
      decoded = this.decode(body.bytes, addressed);
      await this.handOver(decoded, { gone, onSettled: settled.resolve });
      this.context.counts.progress.readBytes += body.size;
    } finally {
      body.release();
    }
    if (decoded.left > 0) this.notes.partly(decoded.left, decoded.reason);
    const isSafe = this.config.wait === 'queued' || (await this.untilOver(settled.promise, gone));
    if (!isSafe) return refused(addressed.format, stopping);
    const rejected = decoded.left === 0 ? undefined : { items: decoded.left, message: decoded.reason };
    return taken(addressed.format, addressed.signal, rejected);
  }

  private decode(bytes: Buffer, addressed: Addressed): DecodedRequest {
    const { max_depth: maxDepth, max_attributes: maxAttributes } = this.config;
    try {
      return decodeRequest(bytes, { ...addressed, maxDepth, maxAttributes });
    } catch (error) {
      if (!(error instanceof UnreadableRequest)) throw error;
      throw new Refused({ status: 400, code: codes.invalidArgument, message: error.message });
    }
  }

  /** Waits for room as long as the client does, and no longer than `queue_timeout`. */
  private async handOver(
    { batch }: DecodedRequest,
    { gone, onSettled }: { gone: AbortSignal; onSettled: (isSafe: boolean) => void },
  ): Promise<void> {
    const giveUp = new AbortController();
    const onGone = (): void => giveUp.abort(gone.reason);
    gone.addEventListener('abort', onGone, { once: true });
    const cancel = this.context.clock.after(this.config.protocols.http.queue_timeout, () =>
      giveUp.abort(new Refused(busy('no room under service.max_in_flight for queue_timeout'))),
    );
    try {
      gone.throwIfAborted();
      // Clients send again what was not acknowledged: a later run goes on without knowing anything.
      await this.output?.emit(batch, null, { signal: giveUp.signal, onSettled });
    } finally {
      cancel();
      gone.removeEventListener('abort', onGone);
    }
  }

  /** False when the run ends before; throws a Gone when the client goes away, who then learns nothing. */
  private async untilOver(settled: Promise<boolean>, gone: AbortSignal): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const onOver = (): void => resolve(false);
    const onGone = (): void => reject(gone.reason as Error);
    this.over.signal.addEventListener('abort', onOver, { once: true });
    gone.addEventListener('abort', onGone, { once: true });
    try {
      if (gone.aborted) onGone();
      if (this.over.signal.aborted) onOver();
      return await Promise.race([settled, promise]);
    } finally {
      this.over.signal.removeEventListener('abort', onOver);
      gone.removeEventListener('abort', onGone);
    }
  }

  /** A client that is still sending hears no answer: as much is read and forgotten as a request may have. */
  private async discard(request: IncomingMessage): Promise<void> {
    let left = this.config.protocols.http.max_request_body_size;
    try {
      for await (const chunk of request.iterator({ destroyOnReturn: false }))
        if ((left -= (chunk as Buffer).length) < 0) return;
    } catch {
      // It went away, or took too long: nobody hears the answer.
    }
  }
}
