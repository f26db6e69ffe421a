/** `respool import`: the config that a person would write to bring a folder of recordings into Tempo and Loki. */
import { existsSync } from 'node:fs';
import { withoutPasswords } from '../config/secret.ts';
import { toYaml } from '../config/yaml-text.ts';
import { exitCodes, UsageError } from './exit.ts';
import { jobOfImport } from './job.ts';
import { planOf } from './load.ts';
import { runLoaded, type RunFlags } from './run-command.ts';

export interface ImportOptions extends RunFlags {
  readonly tempoUrl: string;
  readonly lokiUrl: string;
  readonly logsOnly?: boolean;
  readonly tracesOnly?: boolean;
  readonly align?: string;
  readonly header?: readonly string[];
  readonly tenant?: string;
  readonly printConfig?: boolean;
}

export async function importCommand(paths: readonly string[], options: ImportOptions): Promise<number> {
  checkArguments(paths, options);
  if (options.printConfig === true) {
    console.log(withoutPasswords(toYaml(importConfig(paths, { ...options, ...masked(options) }))).trimEnd());
    return exitCodes.ok;
  }
  const text = toYaml(importConfig(paths, options));
  const loaded = await planOf([{ name: 'respool import', text }], { follow: options.follow ?? false });
  return await runLoaded(loaded, jobOfImport(paths), options);
}

/** Mistakes that a config would be blamed for, which nobody wrote. */
function checkArguments(paths: readonly string[], { align, printConfig }: ImportOptions): void {
  if (paths.includes('-') && align !== undefined)
    throw new UsageError(
      '--align looks at all times before it sends the first, and standard input can be read only once: give a file',
    );
  if (printConfig === true) return;
  for (const path of paths) {
    if (path === '-' || /[*?[{]/.test(path) || existsSync(path)) continue;
    throw new UsageError(`there is no file or folder ${path} (looked in ${process.cwd()})`);
  }
}

/** The config behind the flags; `$` is doubled, since what comes from the command line is not expanded. */
function importConfig(paths: readonly string[], options: ImportOptions): object {
  const headers = headersOf(options);
  const tenant = options.tenant === undefined ? {} : { tenant: literal(options.tenant) };
  const sends = (own: Record<string, string>): object =>
    Object.keys(own).length > 0 ? { headers: own } : {};
  const processors = options.align === undefined ? {} : { time_shift: { align: options.align } };
  const pipeline = (exporter: string): object => ({
    receivers: ['file'],
    processors: Object.keys(processors),
    exporters: [exporter],
  });
  const traces = options.logsOnly !== true;
  const logs = options.tracesOnly !== true;
  return {
    receivers: { file: { include: paths.map(literal) } },
    ...(options.align === undefined ? {} : { processors }),
    exporters: {
      ...(traces
        ? {
            'otlp_http/tempo': {
              endpoint: literal(options.tempoUrl),
              tempo: {},
              ...sends({ ...headers, ...tenantHeader(options) }),
            },
          }
        : {}),
      ...(logs ? { loki: { endpoint: literal(options.lokiUrl), ...tenant, ...sends(headers) } } : {}),
    },
    service: {
      pipelines: {
        ...(traces ? { traces: pipeline('otlp_http/tempo') } : {}),
        ...(logs ? { logs: pipeline('loki') } : {}),
      },
    },
  };
}

function tenantHeader({ tenant }: ImportOptions): Record<string, string> {
  return tenant === undefined ? {} : { 'X-Scope-OrgID': literal(tenant) };
}

function headersOf({ header = [] }: ImportOptions): Record<string, string> {
  const headers: [string, string][] = header.map((text) => {
    const at = text.search(/[=:]/);
    if (at < 1)
      throw new UsageError(`--header must be NAME=VALUE, and one without a name or a value was given`);
    return [text.slice(0, at).trim(), literal(text.slice(at + 1).trim())];
  });
  return Object.fromEntries(headers);
}

/** The headers with their names only: what is printed holds no secret. */
function masked({ header = [] }: ImportOptions): { header: string[] } {
  return { header: header.map((text) => text.replace(/([=:]).*/s, '$1***')) };
}

function literal(text: string): string {
  return text.replaceAll('$', '$$$$');
}
