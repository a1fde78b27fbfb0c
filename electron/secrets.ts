/**
 * Where passwords and keys are kept: the system's keychain, or, where there is none, a file that only this user can read.
 * Nothing that is kept here is ever in library.db, in a log or in the page.
 */
export type Secrets = {
  /** Undefined where there is nothing of that name. */
  get(name: string): Promise<SecretRead>
  set(name: string, value: string): Promise<{ kind: 'kept'; where: 'keychain' | 'file' } | SecretsRefused>
  delete(name: string): Promise<void>
}
export type SecretRead = { kind: 'secret'; value: string } | { kind: 'none' } | SecretsRefused
/** The keychain is locked or said no; a sentence for a person. */
export type SecretsRefused = { kind: 'refused'; reason: string }
