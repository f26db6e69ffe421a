/** THE list: every component that a config may name, and the only file that imports them all. */
import { debug } from './exporters/debug.ts';
import { file as fileExporter } from './exporters/file.ts';
import { loki } from './exporters/loki.ts';
import { nop } from './exporters/nop.ts';
import { otlpHttp } from './exporters/otlp-http.ts';
import { sdk } from './exporters/sdk.ts';
import type { Components } from './pipeline/component.ts';
import { attributes } from './processors/attributes.ts';
import { batch } from './processors/batch.ts';
import { filter } from './processors/filter.ts';
import { groupByAttrs } from './processors/group-by-attrs.ts';
import { memoryLimiter } from './processors/memory-limiter.ts';
import { probabilisticSampler } from './processors/probabilistic-sampler.ts';
import { redaction } from './processors/redaction.ts';
import { resource } from './processors/resource.ts';
import { timeShift } from './processors/time-shift.ts';
import { transform } from './processors/transform.ts';
import { file as fileReceiver } from './receivers/file.ts';
import { otlpJsonFile } from './receivers/otlp-json-file.ts';

export const components: Components = {
  receivers: [fileReceiver, otlpJsonFile],
  processors: [
    attributes,
    batch,
    filter,
    groupByAttrs,
    memoryLimiter,
    probabilisticSampler,
    redaction,
    resource,
    timeShift,
    transform,
  ],
  exporters: [debug, fileExporter, loki, nop, otlpHttp, sdk],
};
