/** What the name of an attribute, a member, a parameter or a header says about its value. */

/** `auth` is a credential, `cookies` is the text of a cookie header. */
export type NameKind = 'auth' | 'cookies' | undefined;

/** The last words of names whose values are credentials, in snake case. */
const secretEndings = new Set([
  'authorization',
  'password',
  'passwd',
  'passphrase',
  'passcode',
  'pwd',
  'secret',
  'secrets',
  'secret_key',
  'secret_access_key',
  'secret_value',
  'private_key',
  'api_key',
  'apikey',
  'access_key',
  'account_key',
  'shared_access_key',
  'encryption_key',
  'signing_key',
  'auth_key',
  'token',
  'authtoken',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'sessiontoken',
  'jwt',
  'bearer',
  'credential',
  'credentials',
  'signature',
  'otp',
  'session_id',
  'sessionid',
  'sid',
  'csrf',
  'xsrf',
  'client_assertion',
  'connection_string',
]);

/** Ends like one and is none. */
const harmless = new Set([
  'next_token',
  'page_token',
  'next_page_token',
  'continuation_token',
  'sync_token',
  'cancellation_token',
  'max_token',
  'per_token',
  'first_token',
  'last_token',
  'output_token',
  'input_token',
  'cancel_token',
  'resume_token',
  'gen_ai_token',
]);

const cookieEndings = new Set(['cookie', 'cookies', 'set_cookie', 'cookie2', 'set_cookie2']);

/** Words that an ending has at the most. */
const mostWords = 3;
const longestName = 256;

export type JudgeName = (name: string) => NameKind;

/** Names come again and again: so many answers are kept. */
const mostKnown = 4096;

/** Says of a name what its value is. Remembers what it said. */
export function nameJudge(): JudgeName {
  const known = new Map<string, NameKind>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined || known.has(name)) return before;
    const kind = name.length > longestName ? undefined : judged(name);
    if (known.size >= mostKnown) known.clear();
    known.set(name, kind);
    return kind;
  };
}

function judged(name: string): NameKind {
  const words = wordsOf(name);
  for (let count = Math.min(mostWords, words.length); count > 0; count--) {
    const ending = words.slice(-count).join('_');
    if (harmless.has(ending)) return undefined;
    if (secretEndings.has(ending)) return 'auth';
    if (cookieEndings.has(ending)) return 'cookies';
  }
  return undefined;
}

/** `http.request.header.x-api-key`, `clientSecret` and `AWS_SECRET_ACCESS_KEY` in lower-case words. */
function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]/)
    .filter((word) => word !== '');
}

/** Only in the query of a URL do these name a credential. */
const queryNames = new Set(['code', 'sig', 'auth', 'key', 'hmac', 'ticket', 'assertion', 'samlresponse']);

export function isQuerySecret(name: string): boolean {
  return (
    queryNames.has(name.toLowerCase()) ||
    /^x-(?:amz|goog)-(?:signature|credential|security-token)$/i.test(name)
  );
}
