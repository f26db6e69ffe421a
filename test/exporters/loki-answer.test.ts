import { describe, expect, it } from 'vitest';
import { outcomeOfPush, type PushFacts } from '../../src/exporters/loki/answer.ts';

const facts: PushFacts = {
  url: 'http://localhost:3100/loki/api/v1/push',
  items: 10,
  streams: [{ text: '{service_name="a"}', items: 10 }],
  nowUnixMs: 1_800_000_000_000,
};
const two: PushFacts = {
  ...facts,
  streams: [
    { text: '{service_name="a"}', items: 4 },
    { text: '{service_name="b"}', items: 6 },
  ],
};

function outcome(
  status: number,
  body = '',
  of: Partial<PushFacts> & { type?: string; truncated?: boolean } = {},
) {
  const { type = 'text/plain; charset=utf-8', truncated = false, ...other } = of;
  const headers = new Map([['content-type', type]]);
  return outcomeOfPush({ status, body: Buffer.from(body), headers, truncated }, { ...facts, ...other });
}

const old = `entry for stream '{service_name="a"}' has timestamp too old: 2020-01-01T00:00:00Z, oldest acceptable timestamp is: 2026-11-15T00:00:00Z`;
const long = `max entry size '262144' bytes exceeded for stream '{service_name="a"}' while adding an entry with length '300000' bytes`;
const behind = (ignored: number, seen: number): string =>
  `entry with timestamp 2026-11-22 08:00:00 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: 2026-11-22T08:00:00Z, oldest acceptable timestamp is: 2026-11-22T12:00:00Z',\n` +
  `user 'fake', total ignored: ${ignored} out of ${seen} for stream: {service_name="a"}`;

describe('success', () => {
  it('is 204, or 200 without a foreign body', () => {
    expect(outcome(204)).toEqual({ verdict: 'delivered' });
    expect(outcome(200)).toEqual({ verdict: 'delivered' });
    expect(outcome(200, 'ok')).toEqual({ verdict: 'delivered' });
  });

  it('is not 260, which drops everything', () => {
    expect(
      outcome(260, "ingestion blocked for user 'fake' until '2027-01-01T00:00:00Z' with status code '260'"),
    ).toMatchObject({ verdict: 'refused', status: 260 });
  });

  it.each([
    [200, '{}', 'application/json'],
    [200, '\u0000', 'application/x-protobuf'],
    [202, '', 'text/plain'],
    [200, '<!doctype html><title>Sign in</title>', 'text/html'],
  ])('is not the answer of something else: %s %s', (status, body, type) => {
    expect(outcome(status, body, { type })).toMatchObject({
      verdict: 'stop',
      status,
      remedy: expect.stringContaining('endpoint'),
    });
  });
});

describe('a 400', () => {
  it('counts one complaint', () => {
    expect(outcome(400, `${old}\n`)).toEqual({
      verdict: 'refused',
      status: 400,
      reason: 'older than Loki takes (reject_old_samples_max_age)',
      delivered: 9,
      uncertain: 0,
    });
  });

  it('counts groups of complaints', () => {
    const reason =
      'line longer than Loki takes (max_line_size); older than Loki takes (reject_old_samples_max_age)';
    expect(outcome(400, `3 errors like: ${old}; 1 errors like: ${long}`)).toMatchObject({
      reason,
      delivered: 6,
      uncertain: 0,
    });
  });

  it('counts what the ingester ignored', () => {
    expect(outcome(400, behind(3, 10))).toMatchObject({ verdict: 'refused', delivered: 7, uncertain: 0 });
    expect(outcome(400, behind(3, 10)).verdict).toBe('refused');
  });

  it('is uncertain of lines that the ingester did not see, and of other streams', () => {
    expect(outcome(400, behind(3, 8))).toMatchObject({ delivered: 5, uncertain: 2 });
    expect(outcome(400, behind(4, 4), two)).toMatchObject({ delivered: 0, uncertain: 6 });
  });

  it('is uncertain of the rest when the answer was cut or has a complaint unheard of', () => {
    expect(outcome(400, `3 errors like: ${old}; 1 errors li`, { truncated: true })).toMatchObject({
      delivered: 0,
      uncertain: 7,
    });
    expect(outcome(400, `3 errors like: ${old}; 2 errors like: something new`)).toMatchObject({
      delivered: 0,
      uncertain: 7,
    });
    expect(outcome(400, 'something new')).toMatchObject({ verdict: 'refused', uncertain: 10 });
  });

  it('refuses whole streams by their labels', () => {
    const labels = `entry for stream '{service_name="b"}' has 20 label names; limit 15`;
    expect(outcome(400, labels)).toMatchObject({ verdict: 'refused', delivered: 0, uncertain: 0 });
    expect(outcome(400, labels, two)).toMatchObject({ verdict: 'refused', delivered: 4, uncertain: 0 });
    expect(outcome(400, "stream '{other}' has label value too long: 'x'", two)).toMatchObject({
      delivered: 0,
      uncertain: 10,
    });
  });

  it.each([
    "couldn't parse labels: 1:2: parse error: unexpected",
    'Content-Encoding "zstd" not supported',
    'snappy: corrupt input',
    'loghttp.PushRequest.Streams: ReadObject',
  ])('of the parser has stored nothing: %s', (text) => {
    expect(outcome(400, text)).toEqual({ verdict: 'bisect', status: 400, reason: expect.any(String) });
  });

  it('does not take labels for words of Loki', () => {
    const text =
      '{service_name="9 errors like: has timestamp too old; total ignored: 9 out of 10 for stream: x"}';
    const streams = [{ text, items: 10 }];
    expect(
      outcome(
        400,
        `max entry size '262144' bytes exceeded for stream '${text}' while adding an entry with length '300000' bytes`,
        { streams },
      ),
    ).toMatchObject({
      reason: 'line longer than Loki takes (max_line_size)',
      delivered: 9,
    });
  });

  it('never refuses more than there is', () => {
    expect(outcome(400, `99 errors like: ${old}`)).toMatchObject({ delivered: 0, uncertain: 0 });
    expect(outcome(400, behind(99, 99))).toMatchObject({ delivered: 0, uncertain: 0 });
  });

  it('with a page is not Loki', () => {
    expect(outcome(400, '<html><title>400 Bad Request</title>', { type: 'text/html' })).toMatchObject({
      verdict: 'stop',
    });
  });
});

describe('other answers', () => {
  it.each([401, 403])('%s names the tenant, for a config and for an import', (status) => {
    expect(outcome(status, 'no org id')).toMatchObject({
      verdict: 'stop',
      status,
      remedy: expect.stringMatching(/tenant.*`headers` \(with `respool import`: --header, --tenant\)/),
    });
  });

  it('404 names the endpoint', () => {
    expect(outcome(404, '404 page not found')).toMatchObject({
      verdict: 'stop',
      remedy: expect.stringContaining('endpoint'),
    });
  });

  it.each([403, 405, 301])('%s stops', (status) => {
    expect(outcome(status)).toMatchObject({ verdict: 'stop', status });
  });

  it('413 splits, of a proxy as well', () => {
    expect(outcome(413, 'request body too large')).toMatchObject({ verdict: 'split', status: 413 });
    expect(outcome(413, '<html><title>413</title>', { type: 'text/html' })).toMatchObject({
      verdict: 'split',
    });
  });

  it('422 refuses', () => {
    expect(outcome(422, 'error at least one valid stream is required for ingestion')).toMatchObject({
      verdict: 'refused',
      status: 422,
    });
  });

  const limited = (bytes: number): string =>
    `ingestion rate limit exceeded for user fake (limit: 4194304 bytes/sec) while attempting to ingest '10' lines totaling '${bytes}' bytes, reduce log volume or contact your Loki administrator`;

  it('429 waits, and splits what is larger than the rate', () => {
    expect(outcome(429, limited(1000))).toMatchObject({ verdict: 'retry', status: 429 });
    expect(outcome(429, limited(9_000_000))).toMatchObject({ verdict: 'split', status: 429 });
    expect(outcome(429, limited(9_000_000), { items: 1 })).toMatchObject({ verdict: 'retry' });
    expect(outcome(429, 'maximum active stream limit exceeded when trying to create stream')).toMatchObject({
      verdict: 'retry',
    });
  });

  it('500 is tried three times, unless Loki is only starting', () => {
    expect(outcome(500, 'something')).toMatchObject({ verdict: 'retry', maxAttempts: 3 });
    expect(outcome(500, 'at least 1 live replicas required, could only find 0')).not.toHaveProperty(
      'maxAttempts',
    );
  });

  it('500 about the name of a label is the fault of an item', () => {
    expect(outcome(500, 'label name is empty')).toMatchObject({ verdict: 'bisect', status: 500 });
    const named = 'normalization for label name "ring" resulted in invalid name "_"';
    expect(outcome(500, named)).toMatchObject({ verdict: 'bisect' });
  });

  it('429 of one stream of several may have stored the others', () => {
    const text = "reason: 'Per stream rate limit exceeded (limit: 3MB/sec)'";
    expect(outcome(429, text)).not.toHaveProperty('mayBeStored');
    expect(outcome(429, text, two)).toMatchObject({ verdict: 'retry', slows: true, mayBeStored: true });
  });

  it('429 of the rate of a stream splits what is larger than it, or what is stored in part', () => {
    // As Loki 3.7.8 said it, a part of it left out.
    const ignored = (limit: string, [lost, seen]: [number, number]): string =>
      Array.from(
        { length: Math.min(lost, 10) },
        () =>
          "entry with timestamp 2026-11-22 17:42:33.548 +0000 UTC ignored, reason: 'Per stream rate limit exceeded " +
          `(limit: ${limit}/sec) while attempting to ingest for stream '{service_name="a"}' totaling 558B, consider ` +
          "splitting a stream via additional labels or contact your Loki administrator',\n",
      ).join('') + `user 'fake', total ignored: ${lost} out of ${seen} for stream: {service_name="a"}`;
    const whole = outcome(429, ignored('256KB', [400, 400]));
    expect(whole).toMatchObject({ verdict: 'retry', slows: true });
    expect(whole).not.toHaveProperty('mayBeStored');
    const large = outcome(429, ignored('256KB', [600, 600]));
    expect(large).toMatchObject({ verdict: 'split', status: 429 });
    expect(large).not.toHaveProperty('mayBeStored');
    expect(outcome(429, ignored('3MB', [300, 600]))).toMatchObject({ verdict: 'split', mayBeStored: true });
    expect(outcome(429, ignored('100B', [1, 1]), { items: 1 })).toMatchObject({ verdict: 'retry' });
  });

  it.each([502, 503, 504, 408])('%s waits', (status) => {
    expect(outcome(status)).toMatchObject({ verdict: 'retry', status });
  });
});
