/** How severe a line says it is. */

export interface Severity {
  /** 1 to 24, as OTLP has it; 0 when the word is none that is known. */
  readonly number: number;
  /** As it is written. */
  readonly text: string;
}

/** The first number of each level of OTLP. */
export const levelNumbers = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;
export type Level = keyof typeof levelNumbers;

const numbers: ReadonlyMap<string, number> = new Map([
  ...words(1, 'trace trc finest verbose silly all'),
  ...words(2, 'finer'),
  ...words(5, 'debug dbg debg fine'),
  ...words(9, 'info inf information informational config log'),
  ...words(10, 'notice'),
  ...words(13, 'warn wrn warning'),
  ...words(17, 'error err eror severe'),
  ...words(18, 'critical crit'),
  ...words(19, 'alert'),
  ...words(21, 'fatal ftl emerg emergency panic dpanic'),
]);

function words(number: number, names: string): [string, number][] {
  return names.split(' ').map((name) => [name, number]);
}

/** The number of a word, `warn3` and the like included; 0 when it is not known. */
export function severityNumber(word: string): number {
  const text = word.trim().toLowerCase();
  const known = numbers.get(text);
  if (known !== undefined) return known;
  const [, level = '', step = ''] = /^(trace|debug|info|warn|error|fatal)([2-4])$/.exec(text) ?? [];
  return level in levelNumbers ? levelNumbers[level as Level] + Number(step) - 1 : 0;
}

/** A level that is a number: pino's and bunyan's 10 to 60. */
export function severityOfNumber(level: number): number {
  const step = level / 10;
  return Number.isInteger(step) && step >= 1 && step <= 6 ? step * 4 - 3 : 0;
}

/** No more of a line is looked at. */
const searched = 160;

const capitals =
  /(?<![\w./-])(TRACE|TRC|DEBUG|DBG|INFO|INF|NOTICE|WARN|WRN|WARNING|ERROR|ERR|FATAL|FTL|CRITICAL|CRIT|ALERT|EMERG|PANIC|SEVERE|FINE|FINER|FINEST)(?![\w./-])/;
const bracketed =
  /[[(<|](?:[\w.-]{1,20}:)?(trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|alert|emerg|panic)[\])>|]/i;
const prefixed = /^\s*(trace|debug|info|notice|warn|warning|error|fatal|critical)\s?[:|-]/i;

/** The level that stands near the beginning of a line, behind its time; `text` has no colours. */
export function knownSeverity(text: string): Severity | undefined {
  const part = text.length > searched ? text.slice(0, searched) : text;
  const found = (capitals.exec(part) ?? bracketed.exec(part) ?? prefixed.exec(part))?.[1];
  return found === undefined ? undefined : { number: severityNumber(found), text: found };
}

const klogLevels: Readonly<Record<string, number>> = { I: 9, W: 13, E: 17, F: 21, D: 5 };

/** Of klog's lines, whose first letter is the level. */
export function klogSeverity(line: string): Severity | undefined {
  const letter = /^([IWEFD])\d{4} \d\d:/.exec(line)?.[1];
  return letter === undefined ? undefined : { number: klogLevels[letter] ?? 0, text: letter };
}

/** Of syslog's lines, which begin with `<34>`. */
export function syslogSeverity(line: string): Severity | undefined {
  const priority = /^<(\d{1,3})>/.exec(line)?.[1];
  if (priority === undefined || Number(priority) > 191) return undefined;
  return syslogLevels[Number(priority) % 8];
}

const syslogLevels: readonly Severity[] = [
  { number: 21, text: 'emerg' },
  { number: 19, text: 'alert' },
  { number: 18, text: 'crit' },
  { number: 17, text: 'err' },
  { number: 13, text: 'warning' },
  { number: 10, text: 'notice' },
  { number: 9, text: 'info' },
  { number: 5, text: 'debug' },
];
