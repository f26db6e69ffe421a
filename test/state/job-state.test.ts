import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { JobState } from '../../src/state/job-state.ts';
import { StateError } from '../../src/state/error.ts';

it('names the folder when a lock cannot be written there', async () => {
  // Too long a name is refused as a full disk is: when the file is made.
  const job = new JobState(tmpdir(), 'x'.repeat(300));
  const error = await job.lock(() => {}).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StateError);
  expect(error).toMatchObject({
    message: expect.stringContaining(`the state cannot be kept in ${tmpdir()}: ENAMETOOLONG`) as string,
    remedy: 'name another folder with `--state DIR`',
  });
});
