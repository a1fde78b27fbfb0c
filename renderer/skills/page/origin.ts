/**
 * Where a skill came from, as importers write it: `git:COMMIT:PATH`, `folder:PATH` or `archive:NAME:PATH`. Said for a person; what
 * has another form is said as it is.
 */
export function sayOrigin(origin: string): string {
  const [, path] = /^git:[0-9a-f]{7,64}:(.*)$/.exec(origin) ?? []
  if (path !== undefined) return `git, ${path || 'its top folder'}`
  return origin.replace(/^(folder|archive):/, '')
}

/** The folder on this computer it came from, if it is one. */
export const folderOf = (origin: string): string | undefined =>
  /^(?:folder:)?(\/.*|[A-Za-z]:[\\/].*)$/.exec(origin)?.[1]
