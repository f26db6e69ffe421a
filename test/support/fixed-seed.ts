/** Property tests make the same choices in every run; others with RESPOOL_SEED, a number or `random`. */
import process from 'node:process';
import { configureGlobal } from 'fast-check';

const { RESPOOL_SEED: seed = '1' } = process.env;
if (seed !== 'random') configureGlobal({ seed: Number(seed) });
