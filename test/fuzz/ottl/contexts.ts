import type { Signal } from '../../../src/model/signal.ts';
import type { RecordContext } from '../../conformance/records.ts';

export type FuzzContext = RecordContext | 'metric' | 'datapoint';

/** The signal of which a record of the context is. */
export function signalOf(context: FuzzContext): Signal {
  if (context === 'log') return 'logs';
  return context === 'metric' || context === 'datapoint' ? 'metrics' : 'traces';
}
