/** The kinds of telemetry that a pipeline carries. */
export type Signal = 'traces' | 'logs' | 'metrics';

export const signals: readonly Signal[] = ['traces', 'logs', 'metrics'];

/** What one item of a signal is called; items are what the ledger counts. */
export const itemNouns: Record<Signal, { one: string; many: string }> = {
  traces: { one: 'span', many: 'spans' },
  logs: { one: 'log record', many: 'log records' },
  metrics: { one: 'data point', many: 'data points' },
};
