/** What is refused because there is too much of it is named with the key of the limit, and with what to do. */

/** `values are nested deeper than 64 (max_depth; raise it for data that you trust)`. */
export function beyondLimit(what: string, key: string): string {
  return `${what} (${key}; raise it for data that you trust)`;
}

/** What a value nested too deeply is refused with. */
export function tooDeep(maxDepth: number): string {
  return beyondLimit(`values are nested deeper than ${maxDepth}`, 'max_depth');
}

/** What a span, event, link, log record, data point, metric, resource or scope with too many attributes is refused with. */
export function tooManyAttributes(maxAttributes: number): string {
  return beyondLimit(`more than ${maxAttributes} attributes on one item`, 'max_attributes');
}
