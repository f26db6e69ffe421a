/** The folder of a test: with the files that it names, and gone after it. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, normalize } from 'node:path';

export class Workspace {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(files: Readonly<Record<string, string>>): Promise<Workspace> {
    const workspace = new Workspace(await mkdtemp(join(tmpdir(), 'respool-test-')));
    for (const [name, text] of Object.entries(files)) {
      const path = workspace.pathOf(name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
    return workspace;
  }

  /** Throws for a name that leads out of the folder. */
  pathOf(name: string): string {
    if (isAbsolute(name) || normalize(name).startsWith('..'))
      throw new Error(`${name} leads out of the folder of the test`);
    return join(this.directory, name);
  }

  /** Undefined when there is none. */
  async read(name: string): Promise<string | undefined> {
    try {
      return await readFile(this.pathOf(name), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
