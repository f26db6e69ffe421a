/** What the environment must not tell an exporter. */

/**
 * Runs `work` while the process has no OTEL_EXPORTER_* variable. The SDK's exporters merge headers and certificates of
 * the environment into whatever they are configured with, and so would send one backend's credentials to another.
 * They read them when they are constructed; nothing else runs meanwhile.
 */
export function withoutExporterEnvironment<T>(work: () => T): T {
  const hidden = Object.entries(process.env).filter(([name]) => name.startsWith('OTEL_EXPORTER_'));
  for (const [name] of hidden) delete process.env[name];
  try {
    return work();
  } finally {
    for (const [name, value] of hidden) process.env[name] = value;
  }
}
