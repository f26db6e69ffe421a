/** The manifest of a folder of recordings. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Entry {
  readonly file: string;
  readonly encoding: string;
  readonly compression: string;
  readonly signal?: string;
  readonly mustYield: Readonly<Record<string, unknown>>;
}

export function readManifest(folder: string): readonly Entry[] {
  return (JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { files: Entry[] }).files;
}
