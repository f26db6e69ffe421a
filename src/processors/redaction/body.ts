/** Log bodies: keys of maps at every depth are judged as attribute keys are, and every other value as text. */
import { valueText, type ExactValue } from '../../model/value.ts';
import { maskWhole } from './mask.ts';
import type { Rules } from './rules.ts';
import type { Actions } from './summary.ts';

/** The body to be; the same one if nothing was done to it. */
export function redactBody(body: ExactValue, rules: Rules, actions: Actions): ExactValue {
  return redactValue(body, undefined, { rules, actions });
}

interface Walk {
  readonly rules: Rules;
  readonly actions: Actions;
}

/** No path is the body itself. */
function redactValue(value: ExactValue, path: string | undefined, walk: Walk): ExactValue {
  if (value instanceof Map) return redactMap(value, path, walk);
  if (Array.isArray(value)) {
    const items = value.map((item, index) => redactValue(item, below(path, `[${index}]`), walk));
    return items.every((item, index) => Object.is(item, value[index])) ? value : items;
  }
  const { rules, actions } = walk;
  const text = valueText(value);
  if (rules.allows(text)) {
    // The Collector says nothing of a body that is allowed as a whole.
    if (path !== undefined) actions.allowed.push(path);
    return value;
  }
  const cleaned = rules.clean(text, undefined);
  if (cleaned === text) return value;
  actions.masked.push(path ?? 'body');
  return cleaned;
}

function redactMap(map: Map<string, ExactValue>, path: string | undefined, walk: Walk): ExactValue {
  const { rules, actions } = walk;
  const redacted: string[] = [];
  const result = new Map<string, ExactValue>();
  for (const [key, value] of map) {
    const at = below(path, key);
    if (rules.ignores(key)) {
      actions.ignored.push(at);
      result.set(key, value);
    } else if (rules.removes(key)) {
      redacted.push(at);
    } else if (rules.masksKey(key)) {
      actions.masked.push(at);
      result.set(key, maskWhole(typeof value === 'string' ? value : '', rules.mask));
    } else {
      result.set(key, redactValue(value, at, walk));
    }
  }
  actions.redacted.push(...redacted);
  const same =
    result.size === map.size && [...result].every(([key, value]) => Object.is(value, map.get(key)));
  return same ? map : result;
}

function below(path: string | undefined, step: string): string {
  return path === undefined ? step : `${path}.${step}`;
}
