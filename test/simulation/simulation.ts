/** A world in virtual time, with one run in it after the other; what survives a life are its checkpoint and the backends. */
import { checkpointJson, checkpointSchema, type Checkpoint } from '../../src/pipeline/checkpoint.ts';
import type { ExportPolicy } from '../../src/pipeline/component.ts';
import type { DeadLetters } from '../../src/pipeline/dead-letters.ts';
import type { Plan, PlannedPipeline } from '../../src/pipeline/plan.ts';
import { Run } from '../../src/pipeline/run.ts';
import { total } from '../../src/pipeline/counts.ts';
import { Probe, processorOf, SimulatedReceiver } from './components.ts';
import { SimulatedExporter } from './exporter.ts';
import { itemsOf, keyOf } from './items.ts';
import { checkCheckpoint, checkEnd, checkStep, checkStory } from './laws.ts';
import { Life } from './life.ts';
import { stepId } from './model.ts';
import { settled } from './schedule.ts';
import { Stage } from './stage.ts';
import type { ExporterSpec, PipelineSpec } from './world.ts';

/** A run among healthy backends ends within this time and so many events. */
const longestMs = 15 * 60_000;
const mostSteps = 200_000;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

export class Simulation extends Stage {
  private healed = false;

  /** A life begins, where the last one left off. */
  async resume(): Promise<void> {
    const isHealthy = this.isFinished || this.healed;
    const life = new Life({
      number: ++this.lives,
      from: this.durable,
      startedMs: this.schedule.nowMs,
      isHealthy,
    });
    this.life = life;
    this.tally.note('lives');
    if (this.durable !== undefined) this.tally.note('lives from a checkpoint');
    const run = new Run(this.planOf(life), {
      clock: this.schedule.clockOf(life),
      logger: silent,
      print: async () => {},
      stdin: (async function* none() {})(),
      stop: life.stop.signal,
      kill: life.kill.signal,
      graceMs: this.spec.graceMs,
      random: () => this.schedule.random.next(),
      deadLetters: this.spec.hasDeadLetters ? this.deadLettersOf(life) : undefined,
      from: this.durable,
      save: this.spec.keepsCheckpoints ? (checkpoint) => this.save(life, checkpoint) : undefined,
    });
    void run.execute().then(
      (result) => (life.result = result),
      (error: unknown) => this.violated(`a run rejected: ${String(error)}`),
    );
    await settled();
    this.after();
  }

  /** Lets some events happen. */
  async advance(steps: number): Promise<void> {
    for (let step = 0; step < steps && this.life !== undefined; step++) await this.step();
  }

  /** SIGKILL. */
  kill(): void {
    if (this.life === undefined) return;
    this.tally.note('kills');
    if (this.life.isSaving) this.tally.note('kills during a save');
    this.life.alive = false;
    this.life = undefined;
  }

  /** Ctrl-C, and a second one. */
  async stop(): Promise<void> {
    const { life } = this;
    if (life === undefined) return;
    if (life.stoppedMs === undefined) {
      this.tally.note('stops');
      life.stoppedMs = this.schedule.nowMs;
      life.stop.abort();
    } else {
      this.tally.note('second stops');
      life.killedMs ??= this.schedule.nowMs;
      life.kill.abort();
    }
    await settled();
    this.after();
  }

  /** Mends everything, and lives on until a life comes to its end; then once more, with nothing to do. */
  async finish(): Promise<void> {
    this.heal();
    this.healed = true;
    for (let life = 0; life < 4 && !this.isFinished; life++) {
      if (this.life === undefined) await this.resume();
      await this.toTheEnd();
    }
    if (!this.isFinished) this.violated('no life came to its end');
    this.judge();
    checkStory(this);
    this.judge();
    if (!this.spec.keepsCheckpoints || this.durable === undefined) return;
    const stored = (): number =>
      [...this.backends.values()].reduce(
        (sum, backend) => sum + [...backend.stored.values()].reduce((all, { times }) => all + times, 0),
        0,
      );
    // What is still on the wire arrives.
    while (await this.schedule.step());
    const before = stored();
    await this.resume();
    await this.toTheEnd();
    if (stored() !== before) this.violated('a run that had nothing left to do sent something');
    this.judge();
  }

  private async toTheEnd(): Promise<void> {
    const { nowMs, steps } = this.schedule;
    while (this.life !== undefined) {
      await this.step();
      if (this.schedule.nowMs - nowMs > longestMs || this.schedule.steps - steps > mostSteps)
        this.violated('the run does not end, although nothing is broken any more');
      this.judge();
    }
  }

  private async step(): Promise<void> {
    const { life } = this;
    if (life !== undefined && life.result === undefined && life.requests === 0 && !this.schedule.isBusy(life))
      this.violated('nothing is under way, and only timers end that');
    if (!(await this.schedule.step()) || (this.schedule.isEmpty && this.life?.result === undefined))
      this.violated('nobody waits for anything any more, and the run has not ended');
    this.after();
  }

  /** What follows from the last event has happened. */
  private after(): void {
    const { life } = this;
    if (life !== undefined) {
      checkStep(this, life);
      if (life.result !== undefined) this.end(life, life.result);
    }
    this.judge();
  }

  private end(life: Life, result: Run extends { execute(): Promise<infer Result> } ? Result : never): void {
    checkEnd(this, life, result);
    life.alive = false;
    this.life = undefined;
    const isFinished = result.failures.length === 0 && !result.interrupted;
    this.isFinished ||= isFinished;
    const { tally } = this;
    tally.note(isFinished ? 'lives that came to their end' : 'lives that were stopped or failed');
    tally.note('forced flushes', result.ledger.forcedFlushes - (life.from?.ledger.forcedFlushes ?? 0));
    for (const { deadLettered, possiblyDuplicated, refused, retries, uncertain } of result.ledger.exporters) {
      tally.note('retries', retries);
      tally.note('items possibly duplicated', possiblyDuplicated);
      tally.note('items refused', total(refused));
      tally.note('items dead-lettered', total(deadLettered));
      tally.note('items uncertain', uncertain);
    }
  }

  private async save(life: Life, checkpoint: Checkpoint): Promise<void> {
    if (life.isSaving) this.violated('two checkpoints are saved at once');
    life.isSaving = true;
    try {
      checkCheckpoint(this, life, checkpoint);
      const kept = checkpointSchema.parse(JSON.parse(JSON.stringify(checkpointJson(checkpoint))));
      await this.wait(life, 30);
      if (this.takeFlaw('save')) throw new Error('ENOSPC: no space left on device');
      this.durable = kept;
      this.keepDropped(life, kept);
      this.tally.note('checkpoints');
      await this.wait(life, 5);
    } finally {
      life.isSaving = false;
    }
  }

  /** What an exporter that cannot go on dropped is settled for later lives too, as far as the checkpoint goes. */
  private keepDropped(life: Life, { positions }: Checkpoint): void {
    const { handed } = this.model.flowsUntil(
      Object.fromEntries(Object.entries(positions).map(([id, position]) => [id, Number(position)])),
    );
    for (const exporter of life.ended.keys()) {
      if (this.exporterSpec(exporter).onError !== 'drop') continue;
      for (const ref of handed.get(exporter) ?? []) this.fates(exporter).refused.add(keyOf(ref));
    }
  }

  private deadLettersOf(life: Life): DeadLetters {
    return {
      write: async (batch, { exporter }) => {
        await this.wait(life, 20);
        if (this.takeFlaw('dead letter')) throw new Error('ENOSPC: no space left on device');
        const { dead } = this.fates(exporter);
        for (const item of itemsOf(batch.encode())) {
          if (this.model.expected.get(exporter)?.has(keyOf(item)) !== true)
            this.violated(`a dead letter of ${exporter} is ${keyOf(item)}`);
          dead.add(keyOf(item));
        }
        await this.wait(life, 20);
      },
    };
  }

  private planOf(life: Life): Plan {
    const { exporters, maxInFlightBytes, pipelines, receivers } = this.spec;
    const place = { sim: this, life };
    return {
      directory: '.',
      outputs: [],
      maxInFlightBytes,
      logLevel: 'info',
      needsTimeRange: false,
      readsStdin: false,
      listening: [],
      receivers: receivers.map((spec) => ({
        id: spec.id,
        create: (context) => new SimulatedReceiver(place, spec, context),
      })),
      pipelines: pipelines.map((spec) => this.plannedPipeline(life, spec)),
      exporters: exporters.map((spec) => ({
        id: spec.id,
        signals: ['traces'],
        policy: policyOf(spec),
        create: () => new SimulatedExporter(this, life, spec),
      })),
    };
  }

  private plannedPipeline(life: Life, { id, inputs, outputs, steps }: PipelineSpec): PlannedPipeline {
    const place = { sim: this, life };
    const isFirst = inputs.some((input) => this.model.entries.has(input));
    return {
      id,
      signal: 'traces',
      inputs,
      outputs,
      processors: [
        { id: 'probe', create: () => new Probe(place, id, isFirst) },
        ...steps.map((step, at) => ({
          id: stepId(step, at),
          create: (context: Parameters<typeof processorOf>[2]) => processorOf(place, step, context),
        })),
      ],
    };
  }
}

function policyOf({ consumers, maxElapsedMs, onError, retries, timeoutMs }: ExporterSpec): ExportPolicy {
  return {
    consumers,
    timeoutMs,
    onError,
    retry: {
      enabled: retries,
      initialIntervalMs: 1000,
      maxIntervalMs: 30_000,
      maxElapsedMs,
      multiplier: 1.5,
      randomizationFactor: 1,
    },
  };
}
