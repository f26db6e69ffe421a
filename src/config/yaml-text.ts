/**
 * Values as YAML text, for `respool print-config`.
 */
import { Document, visit } from 'yaml';
import { typedScalar } from './scalar-type.ts';

/** Two spaces, lines never folded. A bigint is an integer; a text that we would read as something else is quoted. */
export function toYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value !== 'string') return;
      if (typeof typedScalar(scalar.value) !== 'string' || scalar.value === '<<')
        scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0 });
}
