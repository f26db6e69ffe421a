/** A backend in a process of its own, so that its work is not measured. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';

export interface Backend {
  readonly url: string;
  readonly close: () => void;
}

export async function startBackend(): Promise<Backend> {
  const program = join(import.meta.dirname, 'memory/backend.ts');
  const child = spawn(process.execPath, [program, '0'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: `http://127.0.0.1:${String(port).trim()}`, close: () => child.kill() };
}
