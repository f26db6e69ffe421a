/** Log files whose times overlap: backends that want order within a stream may refuse the later ones. */
import { timeRangeOf, type AnyBatch } from '../../model/batches.ts';

interface ServiceTimes {
  readonly service: string;
  /** The file that is read now, and the latest time in it. */
  file: string;
  latest: bigint;
  /** The latest time of the files before it, and which file has it. */
  before: { file: string; latest: bigint } | undefined;
}

export interface Overlap {
  readonly service: string;
  readonly earlier: string;
  readonly later: string;
  readonly nanos: bigint;
}

/** Watches the log batches of all files in the order in which they are read. */
export class OverlapWatch {
  private readonly services = new Map<string, ServiceTimes>();
  private isSaid = false;

  /** The first overlap of all, with the batch that shows it; undefined ever after. */
  observe(batch: AnyBatch, file: string): Overlap | undefined {
    if (this.isSaid || batch.signal !== 'logs') return undefined;
    const range = timeRangeOf(batch);
    if (range === undefined) return undefined;
    for (const resource of batch.resources()) {
      const service = resource.attributes.get('service.name');
      const times = this.enter(typeof service === 'string' ? service : '', file);
      if (range.endUnixNano > times.latest) times.latest = range.endUnixNano;
      const { before } = times;
      if (before === undefined || range.startUnixNano >= before.latest) continue;
      this.isSaid = true;
      return {
        service: times.service,
        earlier: before.file,
        later: file,
        nanos: before.latest - range.startUnixNano,
      };
    }
    return undefined;
  }

  private enter(service: string, file: string): ServiceTimes {
    let times = this.services.get(service);
    if (times === undefined) {
      times = { service, file, latest: 0n, before: undefined };
      this.services.set(service, times);
    }
    if (times.file !== file) {
      const { before } = times;
      if (before === undefined || times.latest > before.latest) {
        times.before = { file: times.file, latest: times.latest };
      }
      times.file = file;
      times.latest = 0n;
    }
    return times;
  }
}

export function overlapSentence({ service, earlier, later, nanos }: Overlap): string {
  const whose = service === '' ? 'logs without service.name' : `logs of service ${service}`;
  return (
    `${whose} overlap in time by ${secondsText(nanos)} between ${earlier} and ${later}: ` +
    'a backend that wants order within a stream may refuse the older ones (Loki takes what is less than an hour behind). ' +
    'Remedy: `include_file_name: true` here and log.file.name among the labels of the exporter, so that each file is a stream of its own'
  );
}

function secondsText(nanos: bigint): string {
  const seconds = Number(nanos / 1_000_000n) / 1000;
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
