/** One print-out as a span or log record, whichever SDK printed it. */
import { JsonObject, parseJson, type Json } from '../shared/json.ts';
import { ShapeError } from '../shared/shape-error.ts';
import { readGoPrintOut } from './go.ts';
import { parseInspected, type LeftOut } from './inspect.ts';
import type { PrintedItem } from './item.ts';
import { readJsPrintOut } from './js.ts';
import { readPythonPrintOut } from './python.ts';

export interface PrintOutOptions {
  readonly maxDepth: number;
  notice(text: string): void;
}

/** What tells a print-out from other objects, before it is parsed. */
const names =
  /"(?:SpanContext|ObservedTimestamp|SeverityText|ScopeMetrics)":|"(?:trace_id|severity_number|resource_metrics)":|^[ \t]*"?(?:traceId|instrumentationScope|instrumentationLibrary|descriptor)"?: /m;

export function looksLikePrintOut(text: string): boolean {
  return names.test(text);
}

/** Undefined for what is none. Throws a ShapeError for one that cannot be read. */
export function readPrintOut(text: string, options: PrintOutOptions): PrintedItem | undefined {
  if (!looksLikePrintOut(text)) return undefined;
  const json = valueIn(text, options);
  if (!(json instanceof JsonObject)) return undefined;
  return readGoPrintOut(json) ?? readPythonPrintOut(json) ?? readJsPrintOut(json);
}

const leftOut: Readonly<Record<LeftOut, string>> = {
  'nested values': 'values that are nested too deeply to be printed ([Object], [Array])',
  items: 'arrays of which not all items are printed',
  characters: 'texts of which the end is not printed',
};

/** JSON where the first member name has quotes; Bun's notation has them only further in. */
function valueIn(text: string, { maxDepth, notice }: PrintOutOptions): Json {
  const inspected = (): Json => parseInspected(text, { maxDepth, leftOut: (what) => notice(leftOut[what]) });
  if (!/^\s*\{\s*"/.test(text)) return inspected();
  try {
    return parseJson(text, maxDepth);
  } catch (error) {
    if (!(error instanceof ShapeError) || !/^[ \t]*"traceId": ['"]/m.test(text)) throw error;
    return inspected();
  }
}
