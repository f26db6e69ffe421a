/** Hex digits of a trace id (16 bytes). */
export const traceIdDigits = 32;
/** Hex digits of a span id (8 bytes). */
export const spanIdDigits = 16;

/** Whether `text` is an even number of hex digits, in either case. */
export function isHex(text: string): boolean {
  if (text.length % 2 !== 0) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) | 0x20;
    const isDigit = code >= 0x30 && code <= 0x39 && text.charCodeAt(i) < 0x40;
    if (!isDigit && !(code >= 0x61 && code <= 0x66)) return false;
  }
  return true;
}

/** Whether `text` can be a trace id: 32 hex digits, not all zero, which W3C and OTLP call invalid. */
export function isTraceId(text: string): boolean {
  return text.length === traceIdDigits && isHex(text) && /[^0]/.test(text);
}

/** Whether `text` can be a span id: 16 hex digits, not all zero. */
export function isSpanId(text: string): boolean {
  return text.length === spanIdDigits && isHex(text) && /[^0]/.test(text);
}
