/** A config after every check: what a run creates, and how it is joined. */
import type { Signal } from '../model/signal.ts';
import type {
  Exporter,
  ExporterContext,
  ExportPolicy,
  Processor,
  ProcessorContext,
  Receiver,
  ReceiverContext,
} from './component.ts';
import type { Extensions } from './extensions.ts';
import type { LogLevel } from './logger.ts';

export interface Plan {
  /** The folder that relative paths in the config start from. */
  readonly directory: string;
  /** What the user's own extensions add. */
  readonly extensions?: Extensions;
  /** Absolute paths that the exporters write. */
  readonly outputs: readonly string[];
  /** Bytes of input handed over and not settled, at the most. */
  readonly maxInFlightBytes: number;
  /** How many threads may share the work; one unless given. */
  readonly workers?: 'auto' | number;
  /** Why there can be one only, whatever is asked for. */
  readonly alone?: string | undefined;
  readonly logLevel: LogLevel;
  /** Whether some processor needs the time range of all inputs first. */
  readonly needsTimeRange: boolean;
  /** Whether an input can be read only once: then no later run can go on. */
  readonly readsStdin: boolean;
  /** Receivers that others send to, as long as the run goes on. */
  readonly listening: readonly string[];
  readonly receivers: readonly PlannedReceiver[];
  /** From source to sink: a pipeline that a connector feeds comes after the one that feeds it. */
  readonly pipelines: readonly PlannedPipeline[];
  readonly exporters: readonly PlannedExporter[];
}

export interface PlannedPipeline {
  /** `traces` or `traces/name`. */
  readonly id: string;
  readonly signal: Signal;
  /** Ids of receivers and of connectors, and of processors of other signals that make this one. */
  readonly inputs: readonly string[];
  readonly processors: readonly PlannedProcessor[];
  /** Ids of exporters and of connectors. */
  readonly outputs: readonly string[];
}

export interface PlannedReceiver {
  readonly id: string;
  /** Whether it reads until the run is stopped: then this is its end, and not an interruption. */
  readonly isEndless?: boolean;
  create(context: ReceiverContext): Receiver | Promise<Receiver>;
}

export interface PlannedProcessor {
  readonly id: string;
  /** The signals that it makes items of, besides the one that it is given. */
  readonly creates?: readonly Signal[];
  create(context: ProcessorContext): Processor | Promise<Processor>;
}

export interface PlannedExporter {
  readonly id: string;
  /** The signals of the pipelines that use it. */
  readonly signals: readonly Signal[];
  readonly policy: ExportPolicy;
  create(context: ExporterContext): Exporter | Promise<Exporter>;
}
