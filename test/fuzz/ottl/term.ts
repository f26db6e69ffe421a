/** A text as the tree that it was made of, so that a smaller one can be made of its parts. */
export interface Term {
  readonly parts: readonly (string | Term)[];
}

/** Writes a term down: `` term`Len(${inner})` ``. */
export function term(fixed: TemplateStringsArray, ...inner: readonly (string | Term)[]): Term {
  return { parts: fixed.flatMap((text, index) => [text, ...inner.slice(index, index + 1)]) };
}

/** The terms with something between them. */
export function joined(terms: readonly (string | Term)[], separator: string): Term {
  return { parts: terms.flatMap((one, index) => (index === 0 ? [one] : [separator, one])) };
}

export function textOfTerm({ parts }: Term): string {
  return parts.map((part) => (typeof part === 'string' ? part : textOfTerm(part))).join('');
}

const plain: readonly Term[] = ['nil', '""', '0', '1', '"a"', 'true', '0.5', '[]', '{}'].map((text) => ({
  parts: [text],
}));

/** Terms with something less: one part replaced by a part of it or by something plain. The boldest come first. */
export function smaller(whole: Term): Term[] {
  const found: Term[] = [];
  for (const [index, part] of whole.parts.entries()) {
    if (typeof part === 'string') continue;
    const size = textOfTerm(part).length;
    const instead = [
      ...plain.filter((simple) => textOfTerm(simple).length < size),
      ...innerOf(part),
      ...smaller(part),
      ...shorterLiteral(part),
    ];
    for (const replacement of instead) {
      if (textOfTerm(replacement).length < size) found.push({ parts: whole.parts.with(index, replacement) });
    }
  }
  return found;
}

function innerOf({ parts }: Term): Term[] {
  return parts.flatMap((part) => (typeof part === 'string' ? [] : [part, ...innerOf(part)]));
}

/** A string literal with a character less, or only half of them. */
function shorterLiteral(one: Term): Term[] {
  const text = textOfTerm(one);
  if (!/^"(?:[^"\\]|\\.)*"$/su.test(text)) return [];
  const letters = text.slice(1, -1).match(/\\.|./gsu) ?? [];
  const half = Math.ceil(letters.length / 2);
  const shorter = [
    letters.slice(0, half),
    letters.slice(half),
    ...letters.map((_, at) => letters.toSpliced(at, 1)),
  ];
  return shorter.map((kept) => ({ parts: [`"${kept.join('')}"`] }));
}
