/** Processes stand behind the spans of their trace, mostly, so that the spans have to wait for them. */
import type { ResourceParts, ScopeParts } from '../../model/item-writer.ts';
import { beyondLimit } from '../../model/limits.ts';
import type { ExactValue } from '../../model/value.ts';
import { JsonObject } from '../shared/json.ts';
import type { ReaderContext } from '../shared/json-decoder.ts';
import { asObject, listMember, textMember } from '../shared/members.ts';
import { ShapeError } from '../shared/shape-error.ts';
import { SpanStage } from '../shared/span-stage.ts';
import type { TelemetryOutput } from '../shared/telemetry-output.ts';
import type { JaegerSpan } from './span.ts';
import { readTags } from './tags.ts';

interface Resource {
  readonly key: string;
  readonly make: () => ResourceParts;
}

interface Note {
  readonly process: string | Resource;
  readonly scope: ScopeParts | undefined;
}

const unknown: Resource = { key: '', make: () => ({ attributes: [] }) };

export class ProcessesOfTrace {
  private readonly output: TelemetryOutput;
  private readonly context: ReaderContext;
  private readonly stage = new SpanStage<Note>();
  private readonly resources = new Map<string, Resource>();

  constructor(output: TelemetryOutput, context: ReaderContext) {
    this.output = output;
    this.context = context;
  }

  /** Throws a ShapeError when more waits than may be held. */
  add({ ids, span, scope, process }: JaegerSpan): void {
    const { maxDocumentBytes } = this.context.options;
    if (this.stage.size > maxDocumentBytes) {
      const what = `a trace whose spans take more than ${maxDocumentBytes} bytes before its processes are known`;
      throw new ShapeError(beyondLimit(what, 'max_document_size'));
    }
    this.stage.add(ids, span, {
      process: typeof process === 'string' ? process : resourceOf(process),
      scope,
    });
  }

  /** Reads the processes of the trace, by their names in it. Throws a ShapeError. */
  name(processes: JsonObject): void {
    const read = processes.names.map((name, index): [string, Resource] => [
      name,
      resourceOf(asObject(`process ${name}`, processes.values[index])),
    ]);
    for (const [name, resource] of read) this.resources.set(name, resource);
  }

  /** The trace is over: gives all its spans to the output. */
  settle(): void {
    const { output, context, resources } = this;
    this.stage.settle((ids, rest, { process, scope }) => {
      context.flushIfFull();
      const resource = typeof process === 'string' ? resources.get(process) : process;
      if (resource === undefined) context.notice('spans without their process, which have no resource');
      const inScope = scope && { key: JSON.stringify([scope.name, scope.version]), make: () => scope };
      output.addEncoded(output.group('traces', resource ?? unknown, inScope), ids, rest);
    });
    resources.clear();
  }
}

/** The service's name first, as most producers have it in OTLP. */
function resourceOf(process: JsonObject): Resource {
  const service = textMember(process, 'serviceName');
  const tags = readTags(listMember(process, 'tags'), 'tags');
  const isNamed = service === '' || tags.some(([key]) => key === 'service.name');
  const attributes: [string, ExactValue][] = isNamed ? tags : [['service.name', service], ...tags];
  return { key: keyOf(attributes), make: () => ({ attributes }) };
}

function keyOf(attributes: readonly [string, ExactValue][]): string {
  return JSON.stringify(attributes, (_key, value: unknown) =>
    typeof value === 'bigint' ? { int: String(value) } : value instanceof Map ? [...value] : value,
  );
}
