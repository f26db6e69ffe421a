import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteWindow } from '../../src/encodings/byte-window.ts';
import type { Bytes } from '../../src/wire/bytes.ts';

test('it tells the line of every place, in lines short and long, whatever was given up before', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\n', '')),
    fc.constantFrom('x'.repeat(99), 'y'.repeat(101), 'z'.repeat(5000), ''),
  );
  const check = fc.property(
    fc.array(line, { maxLength: 400 }),
    fc.array(fc.nat(3000), { maxLength: 12 }),
    (lines, steps) => {
      const text = Buffer.from(lines.join('\n'));
      const window = new ByteWindow({ offset: 0, line: 1 });
      let fed = 0;
      for (const step of steps) {
        window.append(text.subarray(fed, fed + step * 2) as Bytes);
        fed = Math.min(text.length, fed + step * 2);
        const at = Math.min(window.end, window.start + step);
        // Who looks for the end of a line before does not change what the line is.
        if (step % 3 > 0) {
          const from = Math.min(window.end, window.start + (step % 3 === 1 ? 0 : step >> 1));
          const found = text.subarray(0, fed).indexOf(10, window.offsetOf(from));
          expect(window.lineEnd(from)).toBe(found < 0 ? -1 : found - window.offset);
        }
        const before = text.subarray(0, window.offsetOf(at)).toString('latin1');
        expect(window.lineAt(at)).toBe(before.split('\n').length);
        window.start = at;
      }
      window.close();
    },
  );
  fc.assert(check);
});
