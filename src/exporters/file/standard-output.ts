/** Standard output in the place of a file: what is written is gone, and whoever reads it decides what becomes of it. */
import type { ExporterContext } from '../../pipeline/component.ts';
import type { Output } from './output.ts';

/** What the exporter needs of where it writes. */
export type Written = Pick<
  Output,
  'path' | 'writtenPath' | 'bytes' | 'inPlace' | 'replaces' | 'write' | 'state' | 'complete' | 'abandon'
>;

export class StandardOutput implements Written {
  readonly path = 'standard output';
  readonly writtenPath = this.path;
  readonly inPlace = true;
  readonly replaces = false;
  bytes = 0;
  private readonly print: ExporterContext['print'];

  constructor(print: ExporterContext['print']) {
    this.print = print;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.print(bytes);
    this.bytes += bytes.length;
  }

  /** No later run can write it on. */
  state(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  complete(): Promise<void> {
    return Promise.resolve();
  }

  abandon(): Promise<boolean> {
    return Promise.resolve(true);
  }
}
