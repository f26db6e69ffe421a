import { describe, expect, it } from 'vitest';
import { components } from '../src/components.ts';

const listed = [...components.receivers, ...components.processors, ...components.exporters];

describe('the list of the components', () => {
  it.each(listed.map((each) => [each.type, each] as const))(
    'names %s as it names itself',
    async (_, each) => {
      const { type, aliases, signals } = await each.load();
      expect({ type, aliases, signals }).toEqual({
        type: each.type,
        aliases: each.aliases,
        signals: each.signals,
      });
    },
  );
});
