const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const names = levels.flatMap((level) => [level, `${level}2`, `${level}3`, `${level}4`]);

/** Severity numbers by name and by their digits, as the Collector's filter takes them. */
export const severityNumbers: ReadonlyMap<string, number> = new Map(
  names.flatMap((name, index): [string, number][] => [
    [name, index + 1],
    [String(index + 1), index + 1],
  ]),
);
