/** Lets a file in any folder import `respool` and `zod`: they resolve to the running copy, so that nothing has to be installed. */
import { registerHooks } from 'node:module';

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const own: Readonly<Record<string, string>> = {
  respool: new URL(`../index${extension}`, import.meta.url).href,
};
const packageRoot = new URL('../..', import.meta.url).href;

let registered = false;

/** Takes effect for the whole process, once; imports of packages among themselves stay as they are. */
export function registerResolution(): void {
  if (registered) return;
  registered = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
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

function isZod(specifier: string): boolean {
  return specifier === 'zod' || specifier.startsWith('zod/');
}

/** Neither in a package nor this one's own source. */
function isAuthors(url: string | undefined): boolean {
  if (url === undefined || !url.startsWith('file:') || url.includes('/node_modules/')) return false;
  return !url.startsWith(`${packageRoot}src/`) && !url.startsWith(`${packageRoot}dist/`);
}
