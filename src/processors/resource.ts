/**
 * Edits the attributes of resources: `service.name`, the environment, where a recording came from.
 *
 * Belongs anywhere; before exporters that make labels or tenants of resource attributes. Touches no item, and delays
 * and drops nothing. It is the cheap way to mark a replay: one edit per resource and not per span.
 *
 *     processors:
 *       resource:
 *         attributes:
 *           - {key: deployment.environment, value: replay, action: upsert}
 *           - {key: host.name, action: delete}
 */
import { z } from 'zod';
import type { ProcessorFactory } from '../pipeline/component.ts';
import { eachItem } from '../pipeline/item-processor.ts';
import { actionList } from './shared/action-schema.ts';
import { compileActions } from './shared/actions.ts';

const schema = z.strictObject({
  attributes: actionList.describe('What to do, in this order.'),
});

type Config = z.output<typeof schema>;

export const resource: ProcessorFactory<Config> = {
  kind: 'processor',
  type: 'resource',
  stateless: true,
  signals: ['traces', 'logs', 'metrics'],
  summary: 'Sets, copies, deletes, hashes, extracts and converts attributes of resources.',
  schema,
  create(config) {
    const edit = compileActions(config.attributes);
    return eachItem({ resource: ({ attributes }) => edit(attributes) });
  },
};
