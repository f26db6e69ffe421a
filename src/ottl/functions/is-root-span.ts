import { OttlFailure } from '../errors.ts';
import { converter } from '../function.ts';

/** True if the span has no parent. Known in the span context only. */
export const isRootSpan = converter('IsRootSpan', {}, () => {
  return ({ span }) => {
    if (span === undefined) throw new OttlFailure('there is no span here');
    return !/[^0]/.test(span.parentSpanId);
  };
});
