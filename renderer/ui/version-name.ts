/** 'v14'; one that the registry has not numbered yet was just made here. */
export const versionName = (version: { number: number | null }): string =>
  version.number === null ? 'new version' : `v${version.number}`
