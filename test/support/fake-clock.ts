/** The clock of tests is the one that authors get, too. */
export { VirtualClock as FakeClock } from '../../src/testing/virtual-clock.ts';
