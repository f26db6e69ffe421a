/**
 * When V8 compiles what a run does often. The first calls of a function count towards a threshold that main.ts sets low: what is
 * done for each record is past it after a few batches. What is done for each batch would be there too, after some gigabytes and
 * all at the same time, which takes 20 MiB that do not come back, and gains nothing.
 */

/**
 * V8 notes for a function how many calls are left when it is called for the eighth time: after so many batches what is done for
 * each record has that behind it, and what is done for each batch has not.
 */
const batchesForRecords = 4;

/** To be called for each batch: the fourth puts off what is first done often from there on. */
export function compilingLaterAfterBatches(): () => void {
  // Without Maglev there is nothing between V8's interpreter and TurboFan: then nothing is put off.
  const { v8_enable_maglev: maglev } = process.config.variables as { readonly v8_enable_maglev?: number };
  let batches = 0;
  return () => {
    batches++;
    if (batches !== batchesForRecords || maglev !== 1) return;
    const v8 = process.getBuiltinModule('node:v8');
    v8.setFlagsFromString('--invocation-count-for-maglev=100000');
    v8.setFlagsFromString('--invocation-count-for-turbofan=600000');
  };
}
