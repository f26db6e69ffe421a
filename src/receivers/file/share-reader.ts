/** Reads shares of the inputs: parts of files, and whole small ones. */
import type { ReceiverContext, ReceiverOutput } from '../../pipeline/component.ts';
import type { UnreadableRegion } from '../../pipeline/counts.ts';
import { InterruptedError } from '../../pipeline/errors.ts';
import { chunksOf, type Range, type ReadFacts } from './chunks.ts';
import { readBuffers } from './reads.ts';
import { linesIn } from './cutting.ts';
import type { Part } from './divided-file.ts';
import type { Piece, PieceRead, ShareRead } from './division.ts';
import { addToItems, fileAttributes } from './file-attributes.ts';
import { FileRecord } from './file-record.ts';
import { Handover } from './handover.ts';
import type { InputFile } from './inputs.ts';
import { FileBook } from './position.ts';
import { FileReader, Reading } from './reader.ts';
import { readSource, type ReadEvents } from './reading.ts';
import { readableEncoding } from './recognise.ts';
import type { Findings } from './reporter.ts';
import type { FileSettings } from './settings.ts';

export class ShareReader {
  private readonly settings: FileSettings;
  private readonly context: ReceiverContext;
  /** What was found since the last share: who divided the input says it. */
  private readonly findings: Findings = { sentences: [], regions: 0, notices: [] };
  private readonly reader: FileReader;
  private readonly buffers = readBuffers();
  private handover: Handover | undefined;

  constructor(settings: FileSettings, context: ReceiverContext) {
    this.settings = settings;
    this.context = context;
    this.reader = new FileReader(settings, context, this.findings);
  }

  /** So many bytes of the inputs are done with. */
  skip(bytes: number): void {
    this.reader.progress.finish(bytes);
  }

  async read(share: readonly Piece[], output: ReceiverOutput): Promise<ShareRead> {
    this.handover ??= new Handover(this.context, output);
    const pieces: PieceRead[] = [];
    for (const { file, part, saved } of share) {
      pieces.push(part === undefined ? await this.readWhole(file, saved) : await this.readPart(file, part));
      // What was not read to its end is no share that is done.
      if (this.reader.isStopped) throw new InterruptedError();
    }
    const { findings } = this;
    const { regions } = findings;
    findings.regions = 0;
    return {
      pieces,
      findings: { sentences: findings.sentences.splice(0), regions, notices: findings.notices.splice(0) },
    };
  }

  private async readWhole(file: InputFile, saved: Piece['saved']): Promise<PieceRead> {
    const record = await FileRecord.of(file, saved);
    const reading = new Reading([], this.handed, new FileBook(0));
    await this.reader.readFile({ file, record, reading, repetitions: undefined });
    return { saved: record.latest };
  }

  private async readPart(file: InputFile, { place: start, to, lineFrom }: Part): Promise<PieceRead> {
    const { reader, settings } = this;
    const { path, absolute } = file;
    const facts: ReadFacts = { sizeAtOpen: file.size, readBytes: start.offset };
    const attributes = fileAttributes(settings, file);
    const regions = reader.reporter.regions;
    const events = reader.reporter.eventsFor(path);
    const source = {
      name: path,
      facts,
      from: { place: start, isCompressed: false, to, grownFrom: start.ended },
      open: (range: Range) => chunksOf(absolute, facts, { ...range, buffers: this.buffers }),
    };
    const { place } = await readSource(source, settings, {
      ...events,
      unreadable: (region) => this.unreadable(region, { file, to, lineFrom }, events),
      progress: () => {
        reader.progress.reading(facts.readBytes - start.offset);
        return !reader.isStopped;
      },
      batch: (batch) => {
        addToItems(batch, attributes);
        batch.origin = path;
        return this.handed.batch(batch, undefined, events.notice);
      },
    });
    reader.progress.finish(facts.readBytes - start.offset);
    if (facts.readBytes < to && !reader.isStopped && reader.reporter.regions === regions)
      reader.reporter.unreadable({
        input: path,
        offset: facts.readBytes,
        bytes: to - facts.readBytes,
        reason: 'the file became shorter while it was read',
      });
    if (to >= file.size) await reader.sayGrown(file);
    const cuts = (await readableEncoding(start.encoding))?.cuts;
    const handed = (cuts?.linesBefore(place.state) ?? 0) - (cuts?.linesBefore(start.state) ?? 0);
    const behind = place.offset < to ? await linesIn(absolute, place.offset, to) : 0;
    const isSound = reader.reporter.regions === regions;
    return { part: { place, lines: handed + behind, isSound } };
  }

  /** Lines are counted from where the part begins; only for what is wrong it is worth to count those before. */
  private async unreadable(
    { line, ...region }: UnreadableRegion,
    { file, to, lineFrom }: { file: InputFile; to: number; lineFrom: number },
    events: Pick<ReadEvents, 'unreadable'>,
  ): Promise<void> {
    const before = line === undefined ? 0 : await linesIn(file.absolute, 0, lineFrom);
    // What fails is not read to the end of the part; what is behind that is read by somebody else.
    const bytes = Math.min(region.bytes, Math.max(to - region.offset, 0));
    await events.unreadable({ ...region, bytes, ...(line === undefined ? {} : { line: line + before }) });
  }

  private get handed(): Handover {
    if (this.handover === undefined) throw new Error('a share is read before it is known where it goes');
    return this.handover;
  }
}
