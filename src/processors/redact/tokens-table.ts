/** How tokens of cloud providers and services begin, and how many characters follow at the least. */

export interface TokenShape {
  readonly prefix: string;
  readonly least: number;
  /** Exactly so many characters follow. */
  readonly exactly?: true;
  /** Other characters than those of base64 for URLs. */
  readonly of?: 'upper and digits' | 'with dots' | 'base64';
}

export const cloudTokens: readonly TokenShape[] = [
  ...['AKIA', 'ASIA', 'AGPA', 'AIDA', 'AROA', 'AIPA', 'ANPA', 'ANVA'].map((prefix): TokenShape => ({
    prefix,
    least: 16,
    exactly: true,
    of: 'upper and digits',
  })),
  { prefix: 'AIza', least: 35 },
  { prefix: 'ya29.', least: 20, of: 'with dots' },
  { prefix: 'GOCSPX-', least: 20 },
  { prefix: '1//0', least: 30 },
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix): TokenShape => ({ prefix, least: 30 })),
  { prefix: 'github_pat_', least: 22 },
  ...['glpat-', 'gldt-', 'glrt-', 'glcbt-'].map((prefix): TokenShape => ({ prefix, least: 20 })),
  ...['xoxb-', 'xoxa-', 'xoxp-', 'xoxr-', 'xoxs-', 'xapp-'].map((prefix): TokenShape => ({
    prefix,
    least: 10,
  })),
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'].map((prefix): TokenShape => ({
    prefix,
    least: 16,
  })),
  ...['sk-ant-', 'sk-proj-', 'sk-or-', 'sk-svcacct-', 'sk-lf-'].map((prefix): TokenShape => ({
    prefix,
    least: 16,
  })),
  { prefix: 'sk-', least: 32 },
  { prefix: 'gsk_', least: 32 },
  { prefix: 'xai-', least: 32 },
  { prefix: 'hf_', least: 30 },
  { prefix: 'r8_', least: 30 },
  { prefix: 'pplx-', least: 32 },
  { prefix: 'npm_', least: 36 },
  { prefix: 'pypi-', least: 50 },
  { prefix: 'dckr_pat_', least: 20 },
  { prefix: 'SG.', least: 40, of: 'with dots' },
  { prefix: 'hvs.', least: 20, of: 'with dots' },
  { prefix: 'dop_v1_', least: 40 },
  { prefix: 'dapi', least: 32, exactly: true },
  { prefix: 'glsa_', least: 32 },
  { prefix: 'glc_', least: 32, of: 'base64' },
  { prefix: 'shpat_', least: 32 },
  { prefix: 'sntrys_', least: 32, of: 'base64' },
  { prefix: 'lin_api_', least: 32 },
  { prefix: 'PMAK-', least: 32 },
  { prefix: 'NRAK-', least: 20 },
  { prefix: 'AccountKey=', least: 40, of: 'base64' },
  { prefix: 'SharedAccessKey=', least: 40, of: 'base64' },
];

/** Between these lines stands a key. */
export const pemBegins = '-----BEGIN ';
export const pemKey = 'PRIVATE KEY';
export const pemEnd = '-----END ';
