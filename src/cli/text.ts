/** Numbers and words as people read them. */
import { itemNouns, type Signal } from '../model/signal.ts';

const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `1023 B`, `1.0 KiB`, `100 KiB`. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // By what will be shown: 1023.9 KiB is 1.0 MiB, and not 1024 KiB.
  while (Math.round(value) >= 1024 && unit < sizes.length - 1) {
    value /= 1024;
    unit++;
  }
  const tenths = value.toFixed(1);
  return `${unit === 0 || Number(tenths) >= 100 ? Math.round(value) : tenths} ${sizes[unit] ?? ''}`;
}

export function countText(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

/** `1 span`, `12 345 log records`. */
export function itemsText(signal: Signal, count: number): string {
  const { one, many } = itemNouns[signal];
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** `999 ms`, `59.9 s`, `59 min 59 s`, `2 h 0 min`: rounded first, so that no part of it is full. */
export function durationText(ms: number): string {
  const wholeMs = Math.round(ms);
  if (wholeMs < 1000) return `${wholeMs} ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.round(ms / 60_000);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
