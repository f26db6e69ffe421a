/** `respool inspect`: what recordings hold, and that nothing else is taken for one. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodings } from '../../src/encodings/list.ts';
import { tarOf, zipOf } from '../support/archives.ts';
import { respool } from '../support/respool.ts';

const root = resolve(import.meta.dirname, '../..');
const recordings = resolve(root, '../shared/samples/recordings');
const scratch = mkdtempSync(join(tmpdir(), 'respool-inspect-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Bytes without any order, the same each time. */
function noise(bytes: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at * 32 < bytes; at++) parts.push(createHash('sha256').update(`noise ${at}`).digest());
  return Buffer.concat(parts).subarray(0, bytes);
}

const start = (magic: string) => Buffer.concat([Buffer.from(magic, 'latin1'), noise(3000)]);
const object = Buffer.from('blob 12\0hello world\n');
const repository = (path: string) => readFileSync(join(root, path));

/** Files that are no recordings, as folders hold them beside recordings. */
const strangers: Record<string, string | Uint8Array> = {
  'photo.png': start('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'),
  'photo.jpg': start('\xff\xd8\xff\xe0\0\x10JFIF\0'),
  'anim.gif': start('GIF89a'),
  'favicon.ico': start('\0\0\x01\0\x01\0'),
  'drawing.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><path d="M0 0h8v8"/></svg>\n',
  'sound.wav': start('RIFF\x24\x08\0\0WAVEfmt '),
  'film.mp4': start('\0\0\0\x20ftypisom'),
  'font.woff': start('wOFF\0\x01\0\0'),
  'font.woff2': start('wOF2\0\x01\0\0'),
  'paper.pdf': start('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'),
  'redirected.log': Buffer.from('\ufeff2026-11-22 10:00:01 INFO from PowerShell\n', 'utf16le'),
  'data.sqlite': start('SQLite format 3\0\x10\0\x01\x01'),
  'module.wasm': start('\0asm\x01\0\0\0'),
  program: start('\x7fELF\x02\x01\x01\0'),
  'View.class': start('\xca\xfe\xba\xbe\0\0\0\x41'),
  'git-object': deflateSync(object),
  'git-pack': start('PACK\0\0\0\x02'),
  DS_Store: start('\0\0\0\x01Bud1\0\0\x10\0'),
  'random-1': noise(1),
  'random-7': noise(7),
  'random-64k': noise(1 << 16),
  'random-200k.gz': gzipSync(noise(200_000)),
  zeros: Buffer.alloc(5000),
  'packed.7z': start('7z\xbc\xaf\x27\x1c'),
  'packed.xz': start('\xfd7zXZ\0'),
  'packed.bz2': start('BZh91AY&SY'),
  'table.csv': 'name,amount,when\nada,12.50,2024-05-01\ngrace,7,2024-05-02\nlin,3.25,2024-05-03\n',
  'table.tsv': 'id\tscore\n1\t0.5\n2\t0.75\n',
  'page.html': '<!DOCTYPE html>\n<html><head><title>x</title></head><body><p>Hello</p></body></html>\n',
  'feed.xml': '<?xml version="1.0"?>\n<rss><channel><title>x</title></channel></rss>\n',
  'prose.txt':
    'It was the best of days.\nIt was the worst of days, and nobody wrote a log of it.\n\nThe end.\n',
  'README.md': repository('README.md'),
  'CHANGELOG.md': repository('CHANGELOG.md'),
  LICENSE: repository('LICENSE'),
  'package.json': repository('package.json'),
  'package-lock.json': repository('package-lock.json'),
  'tsconfig.json': repository('tsconfig.json'),
  'source.ts': repository('src/encodings/decompress.ts'),
  'pipeline.yaml': repository('config/transform.yaml'),
  'data.json': '{"users":[{"id":1,"name":"Ada"},{"id":2,"name":"Lin"}],"next":null}\n',
  'rows.json': '[{"id":1,"name":"Ada"},{"id":2,"name":"Lin"}]\n',
  'rows.jsonl': '{"id":1,"name":"Ada"}\n{"id":2,"name":"Lin"}\n{"id":3,"name":"Grace"}\n',
  'geo.json':
    '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}}]}\n',
  'number.json': '42\n',
  'text.json': '"hello"\n',
  'null.json': 'null\n',
  'open.json': '{"a":[1,2,',
  'minified.js':
    '!function(e,t){"object"==typeof exports?module.exports=t():e.x=t()}(this,function(){return{a:1}});\n',
  'bundle.js.map': '{"version":3,"sources":["a.ts"],"names":[],"mappings":"AAAA,SAAS"}\n',
  'yarn.lock':
    '# yarn lockfile v1\n\n"left-pad@^1.0.0":\n  version "1.3.0"\n  resolved "left-pad-1.3.0.tgz"\n',
  'Cargo.toml': '[package]\nname = "x"\nversion = "0.1.0"\n\n[dependencies]\nserde = "1"\n',
  'settings.ini': '[server]\nport=8080\nhost=localhost\n',
  Makefile: 'all: a b\n\na:\n\tcc -o a a.c\n',
  'script.sh': '#!/bin/sh\nset -e\necho hello\n',
  'query.sql': "SELECT id, name\nFROM users\nWHERE created_at > now() - interval '1 day';\n",
  'change.diff': '--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-old\n+new\n same\n',
  'cert.pem': '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----\n',
  env: 'HOME=/home/x\nPATH=/bin\nTOKEN=abc\n',
  'style.css': 'body {\n  margin: 0;\n}\n',
  'blank.txt': '\n\n   \n',
  'openapi.yaml': 'openapi: 3.0.0\ninfo:\n  title: x\n  version: "1"\npaths: {}\n',
  'latin1.txt': Buffer.from('caf\xe9 cr\xe8me\n', 'latin1'),
  'utf16.txt': Buffer.from('\ufeffhello world\n', 'utf16le'),
};

/** What is said of each input, without its name. */
async function inspected(args: readonly string[]): Promise<Map<string, string>> {
  const { stdout } = await respool(['inspect', ...args]);
  const blocks = stdout.split(/\n\n/).map((block) => block.split('\n'));
  return new Map(blocks.map(([name = '', ...rest]) => [name, rest.join('\n')]));
}

describe('a file that is no recording', () => {
  let said: Map<string, string>;

  beforeAll(async () => {
    const folder = join(scratch, 'strangers');
    for (const [name, content] of Object.entries(strangers)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    said = await inspected([folder]);
  });

  it.each(Object.keys(strangers))('%s is not taken for one', (name) => {
    const text = said.get(join(scratch, 'strangers', name));
    expect(text).toMatch(/^ {2}encoding {3}(?:unknown|unsure)/);
    expect(text).not.toMatch(/^ {2}(?:traces|logs|metrics) /m);
  });

  it('is named where its first bytes say it', () => {
    const of = (name: string) => said.get(join(scratch, 'strangers', name));
    expect(of('photo.png')).toContain('it is a PNG picture, and no recording');
    expect(of('data.sqlite')).toContain('it is an SQLite database, and no recording');
    expect(of('redirected.log')).toContain('it is text in UTF-16');
    expect(of('packed.xz')).toContain('it is compressed with xz');
    expect(of('prose.txt')).toContain('at most lines, plain lines of text');
  });

  it('is not found in the sources of this repository either', async () => {
    const folder = join(scratch, 'sources');
    for (const part of ['src/encodings', 'src/pipeline', 'test/cli'])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    for (const [name, text] of await inspected([folder]))
      if (name.startsWith(scratch)) expect(text, name).toMatch(/^ {2}encoding {3}(?:unknown|unsure)/);
  });

  it('is empty when it is', async () => {
    writeFileSync(join(scratch, 'nothing'), '');
    writeFileSync(join(scratch, 'nothing.gz'), gzipSync(''));
    const both = await inspected([join(scratch, 'nothing'), join(scratch, 'nothing.gz')]);
    expect(both.get(join(scratch, 'nothing'))).toBe('  empty');
    expect(both.get(join(scratch, 'nothing.gz'))).toBe('  empty, gzip');
  });
});

interface Entry {
  readonly file: string;
  readonly encoding: string;
  readonly mustYield: { readonly spans?: number; readonly logs?: number };
}

/** What the manifest calls them, where it is not what we do. */
const ours: Readonly<Record<string, string>> = {
  otlp_json: 'otlp_json|otlp_proto',
  otlp_proto_framed: 'otlp_proto',
  tempo_v1: 'otlp_json|tempo',
  tempo_v2: 'tempo|tempo_v2',
  tempo_proto: 'otlp_proto|tempo',
  tempo_v2_proto: 'tempo|tempo_proto|tempo_v2_proto',
  zipkin_v2: 'zipkin',
  loki_query: 'loki|loki_query',
  loki_push: 'loki|loki_push',
  logcli_jsonl: 'logcli|logcli_jsonl',
  js_console: 'console|js_console',
  py_console: 'console|py_console',
  go_stdout: 'console|go_stdout',
  jaeger_v3: 'jaeger_v3|otlp_json',
  lines: 'lines|logcli',
};

describe.runIf(existsSync(join(recordings, 'manifest.json')))('a recording of another program', () => {
  const { files } = JSON.parse(readFileSync(join(recordings, 'manifest.json'), 'utf8')) as { files: Entry[] };
  let said: Map<string, string>;
  let packed: Map<string, string>;

  beforeAll(async () => {
    said = await inspected([recordings]);
    const archive = join(scratch, 'all.tgz');
    execFileSync('tar', ['-czf', archive, '-C', recordings, '.']);
    packed = await inspected([archive]);
  });

  /** Of lines without times nothing says that they are a log. */
  const isTold = ({ file }: Entry) => !file.endsWith('logcli-raw.txt');

  it('is not told of lines without times, and a person may say it', () => {
    expect(said.get(join(recordings, 'loki/logcli-raw.txt'))).toContain('unknown: at most lines');
  });

  it.each(files.filter(isTold))(
    '$file is told, counted, and what its form lost is said',
    ({ file, encoding, mustYield }) => {
      const text = said.get(join(recordings, file)) ?? '';
      const name = encoding.replaceAll('-', '_');
      const told = new RegExp(`^ {2}encoding {3}(${ours[name] ?? name})[:,]`).exec(text)?.[1];
      expect(told, text).toBeDefined();
      const found = encodings.find((each) => each.name === told);
      if (found?.readable !== true) return;
      for (const each of [...found.lost, ...(found.needs ?? [])]) expect(text).toContain(each);
      if (encoding === 'lines') return;
      const count = (noun: string) =>
        Number(new RegExp(`([\\d ]+) ${noun}s?\\b`).exec(text)?.[1]?.replaceAll(' ', '') ?? 0);
      expect({ spans: count('span'), logs: count('log record') }).toEqual({
        spans: mustYield.spans ?? 0,
        logs: mustYield.logs ?? 0,
      });
    },
  );

  it.each(files)('$file in an archive is told the same way', ({ file }) => {
    const text = packed.get(`${join(scratch, 'all.tgz')}!${file}`);
    expect(text).toBe(said.get(join(recordings, file)));
  });
});

describe('an archive', () => {
  const line = '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"one"}]}]}]}\n';

  it('is a list of what stands in it, and says what is left out', async () => {
    const path = join(scratch, 'b.zip');
    const link = { name: 'link', content: 'x', mode: 0o120777 };
    writeFileSync(
      path,
      zipOf([{ name: 'a.jsonl', content: line }, { name: 'secret', content: 'x', flags: 1 }, link]),
    );
    const { stdout, stderr, exitCode } = await respool(['inspect', path]);
    expect(stdout).toContain(`${path}!a.jsonl\n  encoding   otlp_json`);
    expect(stdout).toContain('failed     it is encrypted');
    expect(stderr).toContain(`${path}!link is a symbolic link`);
    expect(exitCode).toBe(3);
  });

  it('within another one is named', async () => {
    const path = join(scratch, 'c.tar');
    writeFileSync(path, tarOf([{ name: 'inner.zip', content: zipOf([{ name: 'a', content: line }]) }]));
    const said = await inspected([path]);
    expect(said.get(`${path}!inner.zip`)).toContain(
      'a zip archive, which is looked into only as a file of its own',
    );
  });
});
