import { OttlFailure } from '../errors.ts';
import type { OttlMap } from '../values.ts';
import type { Field, Fields } from './fields.ts';

const readOnly = (): never => {
  throw new OttlFailure('paths of otelcol cannot be written to');
};

const emptyMap: Field = {
  read: (): OttlMap => new Map(),
  write: readOnly,
  index: { kind: 'map', all: () => new Map() },
};

function group(fields: Fields): Field {
  return { read: () => undefined, write: readOnly, fields };
}

/** What a live Collector knows of the request that brought a record. A recording came with none. */
export const otelcolFields: Fields = {
  client: group({
    addr: { read: () => undefined, write: readOnly },
    metadata: emptyMap,
    auth: group({ attributes: emptyMap }),
  }),
  grpc: group({ metadata: emptyMap }),
};
