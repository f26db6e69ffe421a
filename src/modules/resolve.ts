/** Lets a file in any folder import `respool` and `zod`: they resolve to the running copy, so that nothing has to be installed. */
import { registerHooks, type ResolveHookContext } from 'node:module';

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const own: Readonly<Record<string, string>> = {
  respool: new URL(`../index${extension}`, import.meta.url).href,
  'respool/testing': new URL(`../testing/main${extension}`, import.meta.url).href,
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
      return isZod(specifier) && isAuthors(context)
        ? nextResolve(specifier, { ...context, parentURL: import.meta.url })
        : nextResolve(specifier, context);
    },
  });
}

function isZod(specifier: string): boolean {
  return specifier === 'zod' || specifier.startsWith('zod/');
}

/** Neither a package nor this one's own source. */
function isAuthors({ parentURL }: ResolveHookContext): boolean {
  if (parentURL === undefined || parentURL.includes('/node_modules/')) return false;
  return !parentURL.startsWith(`${packageRoot}src/`) && !parentURL.startsWith(`${packageRoot}dist/`);
}
