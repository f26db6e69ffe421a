/** `respool init processor NAME`: one TypeScript file, and a test beside it. */
import { exitCodes, UsageError } from '../exit.ts';
import { writeNewFiles } from './write-files.ts';

export async function initProcessorCommand(name: string): Promise<number> {
  const file = fileName(name);
  const id = file.replaceAll('-', '_');
  await writeNewFiles(
    new Map([
      [`${file}.ts`, processorText(id)],
      [`${file}.test.yaml`, testText(file, id)],
    ]),
  );
  console.log(`wrote ${file}.ts and ${file}.test.yaml
try it:   respool test ${file}.test.yaml
use it:   in a config, as in ${file}.test.yaml; then name ${id} among the processors of a pipeline`);
  return exitCodes.ok;
}

function fileName(name: string): string {
  const file = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/[_\s]+/g, '-')
    .toLowerCase();
  if (/^[a-z][a-z0-9-]{0,40}$/.test(file)) return file;
  throw new UsageError(
    `${JSON.stringify(name)} is no name for a processor: it is made of letters, digits and -, and begins with a letter`,
  );
}

function processorText(id: string): string {
  return `/** ${id}: masks one attribute, and drops health checks. Change it, and run its test. */
import { defineProcessor } from 'respool';
import { z } from 'zod';

export default defineProcessor({
  config: z.object({
    key: z.string().default('user.email').describe('The attribute that is masked.'),
  }),
  create: ({ key }) => ({
    span(span) {
      if (span.attributes.get('http.route') === '/health') span.drop('health check');
      else if (span.attributes.has(key)) span.attributes.set(key, '***');
    },
    log(log) {
      if (log.attributes.has(key)) log.attributes.set(key, '***');
    },
  }),
});
`;
}

function testText(file: string, id: string): string {
  return `# What ${id} does: respool test ${file}.test.yaml
processors:
  ${id}:
    module: ./${file}.ts
    config: {key: user.email}

tests:
  - name: masks the attribute
    input:
      spans:
        - {name: GET /orders, attributes: {http.route: /orders, user.email: ada@example.com}}
      logs:
        - {body: signed in, attributes: {user.email: ada@example.com}}
    expect:
      output:
        spans:
          - {name: GET /orders, attributes: {http.route: /orders, user.email: "***"}}
        logs:
          - {body: signed in, attributes: {user.email: "***"}}

  - name: drops health checks
    input:
      spans:
        - {name: GET /health, attributes: {http.route: /health}}
    expect:
      output: []
      drops: {health check: 1}
`;
}
