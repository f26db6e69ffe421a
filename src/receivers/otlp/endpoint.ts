/** `host:port`, as the Collector's `endpoint` of something that listens. */

export interface ListenAddress {
  /** Undefined for all addresses of the machine. */
  readonly host: string | undefined;
  /** 0 lets the system choose one. */
  readonly port: number;
}

/** Undefined for what is no address: `127.0.0.1:4318`, `[::1]:4318`, `localhost:4318`, `:4318`. */
export function parseEndpoint(text: string): ListenAddress | undefined {
  const found = /^(?:\[([0-9a-f:.%]+)\]|([\w.-]*)):(\d{1,5})$/iu.exec(text);
  if (found === null) return undefined;
  const [, ipv6, name, digits] = found;
  const port = Number(digits);
  if (port > 65_535) return undefined;
  const host = ipv6 ?? name ?? '';
  return { host: host === '' ? undefined : host, port };
}

/** Whether only this machine reaches it. */
export function isLoopback({ host }: ListenAddress): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/u.test(host ?? '');
}
