/** The OTTL functions that the user's own extensions add. */
import type { FunctionSpec } from '../../ottl/function.ts';
import type { Extensions } from '../../pipeline/extensions.ts';

type OwnFunctions = ReadonlyMap<string, FunctionSpec>;

const none: OwnFunctions = new Map();

/** The pipeline hands them through without knowing what they are. */
export function ownFunctions({ extensions }: { readonly extensions?: Extensions }): OwnFunctions {
  return (extensions?.functions as OwnFunctions | undefined) ?? none;
}
