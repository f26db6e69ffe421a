/** How a verb of a format wants its value, as Go's `fmt` takes it: `%+08.3f`. */
export interface Style {
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  /** `%#v`: the value as Go writes it in a program. */
  readonly sharpV: boolean;
  readonly width: number | undefined;
  /** 0 too says something. */
  readonly precision: number | undefined;
}

export const plainStyle: Style = {
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
  sharpV: false,
  width: undefined,
  precision: undefined,
};

/** The text with what it lacks in width, counted in code points; zeros only ever stand in front. */
export function padded(text: string, style: Style): string {
  const missing = (style.width ?? 0) - Array.from(text).length;
  if (missing <= 0) return text;
  return style.minus ? text + ' '.repeat(missing) : (style.zero ? '0' : ' ').repeat(missing) + text;
}

export function withoutZero(style: Style): Style {
  return { ...style, zero: false };
}
