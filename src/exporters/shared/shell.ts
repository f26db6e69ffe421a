/** Pieces of commands that a person pastes into a shell. */

/** The text as one word of a POSIX shell: quoted where it has to be, or always. */
export function quoted(text: string, always = false): string {
  if (!always && /^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** What makes curl name the tenant, with a blank behind it; the tenant is no secret. */
export function tenantFlag(tenant: string | undefined): string {
  return tenant === undefined ? '' : `-H ${quoted(`X-Scope-OrgID: ${tenant}`, true)} `;
}
