/** The end of a run in words: what was read, what was dropped and why, what arrived, and where to look. */
import { itemNouns, type Signal } from '../model/signal.ts';
import {
  total,
  type ExportCounts,
  type FailureCounts,
  type FlowCounts,
  type PipelineFlow,
  type ReceiverCounts,
} from '../pipeline/counts.ts';
import type { Ledger } from '../pipeline/ledger.ts';
import type { RunResult } from '../pipeline/run.ts';
import { bytesText, countText, durationText, itemsText, plural } from './text.ts';
import { visible } from './terminal.ts';

export interface SummaryFacts {
  readonly dryRun: boolean;
  /** The file of dead letters, and the command that sends them again. */
  readonly deadLetters?: { readonly path: string; readonly again: string } | undefined;
}

export function summaryText(result: RunResult, facts: SummaryFacts): string {
  const { ledger } = result;
  if (result.failures.length > 0 && isUntouched(ledger))
    return visible(`Nothing was read.\n\n${stoppedText(result.failures)}`);
  const rows: Row[] = [
    ...ledger.receivers.flatMap(receiverRows),
    ...ledger.processors.flatMap(processorRows),
    ...ledger.exporters.flatMap((counts) => exporterRows(counts, facts.dryRun)),
  ];
  const lines = [
    ...table(rows),
    ...unreadableLines(ledger),
    ...deadLetterLines(ledger, facts.deadLetters),
    '',
    endLine(result, facts.dryRun),
  ];
  if (result.whereToLook.length > 0)
    lines.push('', 'Where to look:', ...result.whereToLook.map((line) => `  ${line}`));
  return visible(lines.join('\n'));
}

/** Whether it ended before there was anything to count. */
function isUntouched({ receivers }: Ledger): boolean {
  return receivers.every(({ flows, unreadable }) => flows.size === 0 && unreadable.regions === 0);
}

type Row = readonly [component: string, what: string];

function table(rows: readonly Row[]): string[] {
  const width = Math.max(0, ...rows.map(([component]) => component.length));
  return rows.map(([component, what]) => `${component.padEnd(width)}  ${what}`);
}

function receiverRows({ id, flows, progress, unreadable }: ReceiverCounts): Row[] {
  const read = [...flows.values()].map((flow) => itemsText(flow.signal, flow.in)).join(', ');
  const inputs =
    progress.inputs === 0
      ? ''
      : ` from ${plural(progress.inputs, 'input')} (${bytesText(progress.readBytes)})`;
  const rows: Row[] = [[id, `read ${read === '' ? 'nothing' : read}${inputs}`]];
  for (const flow of flows.values()) rows.push(...dropRows(id, flow));
  if (unreadable.regions > 0)
    rows.push([id, `unreadable: ${plural(unreadable.regions, 'region')}, ${bytesText(unreadable.bytes)}`]);
  return rows;
}

function processorRows(flow: PipelineFlow): Row[] {
  const id = `${flow.pipeline}/${flow.id}`;
  const rows = dropRows(id, flow);
  if (flow.created > 0) rows.push([id, `created ${itemsText(flow.signal, flow.created)}`]);
  for (const [text, failure] of flow.failures) rows.push([id, failureText(text, failure)]);
  return [...rows, ...editRows(id, flow)];
}

/** How many kinds of edits are shown; the report has all. */
const shownEdits = 10;

function editRows(id: string, { edits = new Map() }: FlowCounts): Row[] {
  const all = [...edits].toSorted(([, one], [, other]) => other - one);
  const rows = all
    .slice(0, shownEdits)
    .map(([what, times]): Row => [id, `${what}: ${plural(times, 'time')}`]);
  const rest = all.length - shownEdits;
  return rest > 0 ? [...rows, [id, `and ${countText(rest)} more; --report FILE lists them`]] : rows;
}

/**
 * `statement failed 12 times: set(...): what went wrong; first at span X of trace Y`. Times and not spans: what stands
 * in two groups fails on one span twice, and a resource comes in many batches.
 */
function failureText(text: string, { kind, count, example }: FailureCounts): string {
  const who = kind === '' ? '' : `${kind} `;
  return `${who}failed ${count === 1 ? 'once' : plural(count, 'time')}: ${oneLine(text)}: ${oneLine(example)}`;
}

/** A statement may be written over several lines. */
function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}

function dropRows(id: string, flow: FlowCounts): Row[] {
  const rows: Row[] = [...flow.dropped].map(([reason, items]) => [
    id,
    `dropped ${itemsText(flow.signal, items)}: ${reason}`,
  ]);
  if (flow.abandoned > 0) rows.push([id, `abandoned ${itemsText(flow.signal, flow.abandoned)}`]);
  return rows;
}

function exporterRows(counts: ExportCounts, dryRun: boolean): Row[] {
  const { id, signal, target, delivered, requests, retries, bytes } = counts;
  const name = `${id} -> ${target}`;
  const sent = `(${plural(requests, 'request')}${retries > 0 ? `, ${plural(retries, 'retry', 'retries')}` : ''}, ${bytesText(bytes)})`;
  const verb = dryRun ? 'would send' : 'delivered';
  const rows: Row[] = [
    [name, `${verb} ${itemsText(signal, delivered)} ${requests === 0 ? '' : sent}`.trimEnd()],
  ];
  for (const [reason, items] of counts.refused)
    rows.push([name, `refused ${itemsText(signal, items)}: ${reason}`]);
  for (const [reason, items] of counts.deadLettered)
    rows.push([name, `dead-lettered ${itemsText(signal, items)}: ${reason}`]);
  if (counts.possiblyDuplicated > 0)
    rows.push([
      name,
      `${itemsText(signal, counts.possiblyDuplicated)} may be there twice: an earlier attempt ended without an answer, or with one that does not say what is stored`,
    ]);
  if (counts.uncertain > 0)
    rows.push([
      name,
      `uncertain ${itemsText(signal, counts.uncertain)}: whether the backend has them is not known`,
    ]);
  if (counts.failed > 0) rows.push([name, `not delivered ${itemsText(signal, counts.failed)}`]);
  if (counts.abandoned > 0)
    rows.push([
      name,
      `abandoned ${itemsText(signal, counts.abandoned)}: the run ended before they were sent`,
    ]);
  return rows;
}

function deadLetterLines(ledger: Ledger, file: SummaryFacts['deadLetters']): string[] {
  const letters =
    ledger.exporters.reduce((sum, counts) => sum + total(counts.deadLettered), 0) +
    ledger.processors.reduce((sum, flow) => sum + (flow.deadLettered ?? 0), 0);
  if (letters === 0 || file === undefined) return [];
  return ['', `Dead letters: ${plural(letters, 'item')} in ${file.path}`, `  send again: ${file.again}`];
}

/** How many unreadable regions are shown; the report has more. */
const shownRegions = 10;

function unreadableLines(ledger: Ledger): string[] {
  const regions = ledger.receivers.flatMap(({ unreadable }) => unreadable.kept);
  if (regions.length === 0) return [];
  const lines = regions.slice(0, shownRegions).map(({ input, line, offset, bytes, reason }) => {
    const place = line === undefined ? `byte ${offset}` : `${line}`;
    return `  ${input}:${place}  ${reason} (${bytesText(bytes)})`;
  });
  const all = ledger.receivers.reduce((sum, { unreadable }) => sum + unreadable.regions, 0);
  if (all > shownRegions)
    lines.push(
      `  and ${countText(all - shownRegions)} more; --report FILE lists the first 100 of each receiver`,
    );
  return ['', 'Could not be read:', ...lines];
}

function endLine({ ledger, failures, interrupted, elapsedMs, workers }: RunResult, dryRun: boolean): string {
  const imbalances = ledger.imbalances();
  const threads = workers > 1 ? ` with ${workers} workers` : '';
  const took = `took ${durationText(elapsedMs)}${threads}`;
  if (imbalances.length > 0)
    return [
      'The ledger does not balance; this is a bug in Respool:',
      ...imbalances.map((text) => `  ${text}`),
    ].join('\n');
  const balance = `The ledger balances: ${balanceText(ledger, dryRun)}; ${took}.`;
  if (failures.length > 0) return `${balance}\n\n${stoppedText(failures)}`;
  if (dryRun && !interrupted) return `${balance}\n\nThis was a dry run: nothing was sent.`;
  return interrupted ? `${balance}\n\n${interruptedText(ledger)}` : balance;
}

function interruptedText(ledger: Ledger): string {
  const read = ledger.receivers.reduce((sum, { progress }) => sum + progress.readBytes, 0);
  const all = ledger.receivers.reduce((sum, { progress }) => sum + (progress.totalBytes ?? Infinity), 0);
  if (read >= all && ledger.isClean()) return 'Interrupted when everything was delivered.';
  const uncertain = ledger.exporters.reduce((sum, counts) => sum + counts.uncertain, 0);
  const of = Number.isFinite(all) ? ` of ${bytesText(all)}` : '';
  return `Interrupted after ${bytesText(read)}${of}: what is counted as delivered is delivered, ${uncertain > 0 ? 'what is uncertain may be, ' : ''}the rest is not.`;
}

function stoppedText(failures: readonly Error[]): string {
  return failures.map((failure) => `Stopped: ${failure.message}${remedyText(failure)}`).join('\n');
}

function remedyText(failure: Error): string {
  const remedy = 'remedy' in failure ? failure.remedy : undefined;
  return typeof remedy === 'string' ? `\n  ${remedy}` : '';
}

/** `40 spans = 37 delivered + 3 dropped`, for each signal, over all receivers and exporters. */
function balanceText(ledger: Ledger, dryRun: boolean): string {
  const made = ledger.processors.filter(({ created }) => created > 0).map(({ signal }) => signal);
  const signals = new Set<Signal>([...ledger.receivers.flatMap(({ flows }) => [...flows.keys()]), ...made]);
  if (signals.size === 0) return 'nothing was read';
  return [...signals].map((signal) => signalBalance(ledger, signal, dryRun)).join('; ');
}

function signalBalance(ledger: Ledger, signal: Signal, dryRun: boolean): string {
  const flows = ledger.receivers
    .flatMap(({ flows: all }) => [...all.values()])
    .filter((flow) => flow.signal === signal);
  const processors = ledger.processors.filter((flow) => flow.signal === signal);
  const exporters = ledger.exporters.filter((counts) => counts.signal === signal);
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, number) => all + number, 0);
  const read = sum(flows.map((flow) => flow.in));
  const before: Part[] = [
    ['dropped', sum([...flows, ...processors].map((flow) => total(flow.dropped)))],
    ['abandoned', sum([...flows, ...processors].map((flow) => flow.abandoned))],
  ];
  const after: Part[] = [
    [dryRun ? 'to send' : 'delivered', sum(exporters.map((counts) => counts.delivered))],
    ['refused', sum(exporters.map((counts) => total(counts.refused)))],
    ['dead-lettered', sum(exporters.map((counts) => total(counts.deadLettered)))],
    ['uncertain', sum(exporters.map((counts) => counts.uncertain))],
    ['not delivered', sum(exporters.map((counts) => counts.failed))],
    ['abandoned', sum(exporters.map((counts) => counts.abandoned))],
  ];
  const noun = read === 1 ? itemNouns[signal].one : itemNouns[signal].many;
  const created = sum(processors.map((flow) => flow.created));
  const begin = `${countText(read)} ${noun} read${created > 0 ? ` + ${countText(created)} created` : ''}, `;
  if (exporters.length < 2) return begin + partsText([...after, ...before]);
  // Behind a fan-out each item counts once for each exporter, so that the two sums stand apart.
  const handed = sum(exporters.map((counts) => counts.handed));
  const lost = sum(before.map(([, count]) => count)) > 0 ? `${partsText(before)}, ` : '';
  return `${begin}${lost}${countText(handed)} handed to ${plural(exporters.length, 'exporter')}: ${partsText(after)}`;
}

type Part = readonly [what: string, count: number];

/** `8 delivered + 2 dropped`; of parts that are all zero, the first. */
function partsText(parts: readonly Part[]): string {
  const shown = parts.filter(([, count]) => count > 0);
  return (shown.length > 0 ? shown : parts.slice(0, 1))
    .map(([what, count]) => `${countText(count)} ${what}`)
    .join(' + ');
}
