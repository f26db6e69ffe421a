/** What docs/ottl.md says that no table knows. */

export const intro = `# OTTL

The OpenTelemetry Transformation Language, as the processors \`transform\` and \`filter\` and the command \`respool ottl\` know it: the
language of the Collector 0.159, with the same results. The lists of this page are written by \`npm run docs\` from the tables of
the code, and every example is run by the tests.

\`\`\`yaml
processors:
  transform:
    error_mode: ignore
    trace_statements:
      - set(span.attributes["http.route"], "/cart/{id}") where IsMatch(span.name, "^GET /cart/[0-9]+$")
      - replace_pattern(span.attributes["url.full"], "token=[^&]+", "token=***")
      - delete_key(resource.attributes, "host.ip")
  filter:
    trace_conditions:
      - span.attributes["http.route"] == "/health"
\`\`\`

## Grammar, in short

\`\`\`text
statement   editor(arguments) [where condition]
condition   comparison, true, false or a converter that gives a bool; not, and, or, ( )
comparison  value == value   also != < <= > >=
value       "text" 7 2.5 true nil 0x0fa3 ENUM [list] {"key": value} path Converter(arguments) arithmetic
path        context.field.field["key"][0]
arithmetic  + - * / ( ) of ints, floats, times and durations
argument    value, or name = value, or the bare name of a converter, or (k, v) => value
\`\`\`

- Texts stand in double quotes, with Go's escapes: \`\\\\\` is a backslash, so a regex is \`"\\\\d+"\`. In a config \`$$\` is one \`$\`.
- An int is 64 bits and wraps; an int divided by an int is an int. An int meets a float as a float. Division by 0 is an error.
- Values of different types are never equal and have no order; that is no error. Only nil equals nil.
- \`and\` and \`or\` look at the right side only if they must. A path alone is no condition: write \`== true\`.
- Regexes are RE2. Positions and lengths of texts count bytes.
- A lambda needs the gate \`ottl.functions.enableLambda\`, and \`set\` of nil the gate \`ottl.set.allowNil\`: \`feature_gates\` of the processor.

## Errors

A statement that cannot be right (a path, function, enum or parameter that is not known, a literal of the wrong type, a regex that
does not compile) is an error of the config, found before anything runs. What fails on a record follows \`error_mode\`: \`ignore\`
(the default) counts and logs it and goes on with the next statement, \`silent\` goes on without a log, \`propagate\` gives the batch
up. What earlier statements changed stays in every case.`;

export const differences = `## Where it differs from the Collector

- Texts are Unicode: bytes that are no UTF-8 become U+FFFD when they are read.
- A value is at most 64 levels deep, a text that is made at most 16 MiB long, and a list that is made by setting one of its
  elements at most 10 000 elements long; beyond that the statement fails. The Collector has no such bounds.
- \`Format\` of a map or list shows its content; the Collector shows where it lies in memory.
- An XPath must be XPath 1.0; the Collector takes some expressions that are not.
- A map that is set or merged into itself is read as it was before; the Collector reads it while it changes.
- Metrics that copy their own copies without end (\`copy_metric\` without a \`where\`) stop the run; the Collector goes on until its
  memory is used up. \`aggregate_on_attribute_value\` refuses a summary, whose data points the Collector loses.
- What a statement makes of one record is bounded in size, and so is the work of a pattern on one text (2^24 steps, and 16 for each
  character), of an XPath (2^24 nodes) and of lambdas (2^22 calls): beyond that the statement fails, and says which bound it was.
- The contexts of exemplars and profiles are not there.

\`npm run conformance\` runs the cases that the Collector's own code answered, and \`npm run fuzz:ottl\` compares random statements on
random records with it, where Go is there.
`;
