/**
 * Names of labels and of structured metadata, by the rule that Loki applies itself, so that a name never fails a push:
 * every run of characters other than ASCII letters and digits becomes one `_`, and a leading digit gets `key_` before it.
 * Two exceptions keep data from doing harm. A name of which only underscores are left fails the whole push in Loki: its
 * characters are spelled out instead, `日本` becomes `u65e5_u672c`. And Loki keeps `__x__` as it is, which makes
 * `__error__` break every query that counts the line: here it becomes `_error_`.
 * @see https://pkg.go.dev/github.com/prometheus/otlptranslator#LabelNamer
 */

const cached = new Map<string, string>();
const mostCached = 4096;
/** A name from data is not worth more of the cache, or of a spelled-out name, than this. */
const longestCached = 256;
const mostSpelled = 32;

export function lokiName(name: string): string {
  const known = cached.get(name);
  if (known !== undefined) return known;
  const made = sanitise(name);
  if (name.length > longestCached) return made;
  if (cached.size >= mostCached) cached.clear();
  cached.set(name, made);
  return made;
}

function sanitise(name: string): string {
  const clean = name.replace(/[^a-zA-Z0-9]+/g, '_');
  if (clean === '' || clean === '_') return spelledOut(name);
  return /^[0-9]/.test(clean) ? `key_${clean}` : clean;
}

function spelledOut(name: string): string {
  if (name === '') return 'empty';
  const codes = Array.from(
    name.slice(0, mostSpelled * 2),
    (character) => `u${(character.codePointAt(0) ?? 0).toString(16)}`,
  );
  return codes.slice(0, mostSpelled).join('_');
}

/** What may be a label in a config: no data, so it must be right as it stands. */
export function isLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]{0,127}$/.test(name) && !name.startsWith('__');
}
