/** 'v14'; a version that the registry has not numbered yet has no number. */
export const versionName = (version: { number: number | null }): string =>
  version.number === null ? 'unnumbered version' : `v${version.number}`
