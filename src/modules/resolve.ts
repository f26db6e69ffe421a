/** Lets a file in any folder import `respool` and `zod`: they resolve to the running copy, so that nothing has to be installed. */
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const own: Readonly<Record<string, string>> = {
  respool: new URL(`../index${extension}`, import.meta.url).href,
  'respool/testing': new URL(`../testing/main${extension}`, import.meta.url).href,
};
const packageRoot = new URL('../..', import.meta.url).href;

/** Begins a specifier that names a package and the folder from which it is looked for. */
const packageScheme = 'respool-package:';

let registered = false;

/** Takes effect for the whole process, once; imports of packages among themselves stay as they are. */
export function registerResolution(): void {
  if (registered) return;
  registered = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      if (specifier.startsWith(packageScheme)) {
        const { name, parentURL } = packageIn(specifier);
        return nextResolve(name, { ...context, parentURL });
      }
      const target = own[specifier];
      if (target !== undefined) return nextResolve(target, context);
      if (isZod(specifier) && isAuthors(context.parentURL)) {
        return nextResolve(specifier, { ...context, parentURL: import.meta.url });
      }
      const resolved = nextResolve(specifier, context);
      // A package.json that names no type would cost a second parse and a warning that its author cannot use.
      const isModule = resolved.url.endsWith('.ts') && isAuthors(resolved.url);
      return isModule ? { ...resolved, format: 'module-typescript' } : resolved;
    },
  });
}

/** The file of a package, as an import in the directory finds it. */
export function packageUrl(name: string, directory: string): string | undefined {
  try {
    return import.meta.resolve(`${packageScheme}${encodeURIComponent(JSON.stringify([name, directory]))}`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function packageIn(specifier: string): { name: string; parentURL: string } {
  const [name, directory] = JSON.parse(decodeURIComponent(specifier.slice(packageScheme.length))) as [
    string,
    string,
  ];
  return { name, parentURL: pathToFileURL(join(directory, 'config.yaml')).href };
}

function isZod(specifier: string): boolean {
  return specifier === 'zod' || specifier.startsWith('zod/');
}

/** Neither in a package nor this one's own source. */
function isAuthors(url: string | undefined): boolean {
  if (url === undefined || !url.startsWith('file:') || url.includes('/node_modules/')) return false;
  return !url.startsWith(`${packageRoot}src/`) && !url.startsWith(`${packageRoot}dist/`);
}
