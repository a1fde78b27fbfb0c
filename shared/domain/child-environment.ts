/**
 * What of our own environment a program that we start is given. Keys of model providers and whatever else stands in a
 * person's environment are no business of git, Postgres or a shell, and an environment can be read by other programs.
 */
export type Environment = Readonly<Record<string, string | undefined>>

/** What every program needs to find itself, its owner's login and a place for its files. */
export const USUAL_VARIABLES = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TEMP',
  'TMP',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'SystemRoot',
  'ComSpec',
  'PATHEXT',
] as const

/** @param more names beside the usual ones. On Windows a name is the same in upper and lower case. */
export function childEnvironment(environment: Environment, more: readonly string[] = []): Record<string, string> {
  const wanted = new Set([...USUAL_VARIABLES, ...more].map(name => name.toUpperCase()))
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && wanted.has(name.toUpperCase()) ? [[name, value]] : [],
    ),
  )
}
