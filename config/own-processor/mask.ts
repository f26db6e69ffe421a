/** Masks e-mail addresses in the attributes of spans and log records, and in the text of log records. */
import { defineProcessor } from 'respool';
import { z } from 'zod';

const address = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;

export default defineProcessor({
  config: z.object({
    replacement: z.string().default('***').describe('What stands in place of an address.'),
  }),
  create({ replacement }) {
    const mask = (text: string) => text.replace(address, () => replacement);
    return {
      span(span) {
        span.attributes.mapStrings(mask);
      },
      log(log) {
        log.attributes.mapStrings(mask);
        if (typeof log.body === 'string') log.body = mask(log.body);
      },
    };
  },
});
