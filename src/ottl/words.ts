import { trimSpace } from './space.ts';

const isCapital = (letter: string): boolean => letter >= 'A' && letter <= 'Z';
const isSmall = (letter: string): boolean => letter >= 'a' && letter <= 'z';
const isDigit = (letter: string): boolean => letter >= '0' && letter <= '9';
const isSeparator = (letter: string): boolean => ' _-.'.includes(letter);

/** Capitals begin words and come in runs of which only the first stays one; only ASCII letters and digits stay. */
export function camel(text: string): string {
  const trimmed = trimSpace(text);
  let result = '';
  let raiseNext = true;
  let afterCapital = false;
  for (const letter of trimmed === 'ID' ? 'id' : trimmed) {
    const lowerIt = !raiseNext && afterCapital && isCapital(letter);
    afterCapital = isCapital(letter);
    if (isCapital(letter) || isSmall(letter)) {
      if (raiseNext) result += letter.toUpperCase();
      else result += lowerIt ? letter.toLowerCase() : letter;
      raiseNext = false;
    } else if (isDigit(letter)) {
      result += letter;
      raiseNext = true;
    } else raiseNext = isSeparator(letter);
  }
  return result;
}

/** A word ends where small letters, capitals and digits meet, and before the last capital of a run (`HTTP_Server`). */
export function snake(text: string): string {
  const letters = trimSpace(text);
  let result = '';
  for (let i = 0; i < letters.length; i++) {
    const letter = letters.charAt(i);
    const next = letters.charAt(i + 1);
    const [before, after] = boundaries(letter, next, letters.charAt(i - 1));
    const written = isCapital(letter) ? letter.toLowerCase() : letter;
    result += `${before ? '_' : ''}${isSeparator(letter) ? '_' : written}${after ? '_' : ''}`;
  }
  return result;
}

/** Whether a word begins with the letter, and whether one ends with it. */
function boundaries(letter: string, next: string, previous: string): readonly [boolean, boolean] {
  const toDigit = isDigit(next);
  if (isCapital(letter)) return [isSmall(next) && isCapital(previous), toDigit];
  if (isSmall(letter)) return [false, isCapital(next) || toDigit];
  return [false, isDigit(letter) && (isCapital(next) || isSmall(next))];
}
