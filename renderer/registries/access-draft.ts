import type { RegistryAccess } from '../../shared/contract/registries.ts'

/** What a person has typed so far of an owner's login. Lives in the form alone, and goes with it. */
export type AccessDraft = {
  database: string
  ca: string
  storage: 'r2' | 'folder'
  endpoint: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
  folder: string
}

export const EMPTY_ACCESS: AccessDraft = {
  database: '',
  ca: '',
  storage: 'r2',
  endpoint: '',
  bucket: '',
  accessKeyId: '',
  secretAccessKey: '',
  folder: '',
}

/** What is known of a registry's storage ('folder /mnt/skills'), where no secret is needed for it. */
export function draftFor(storage: string | null): AccessDraft {
  const folder = /^folder (.+)$/s.exec(storage ?? '')?.[1]
  return folder === undefined ? EMPTY_ACCESS : { ...EMPTY_ACCESS, storage: 'folder', folder }
}

/** What is still missing, field by field; nothing where it can be tried. */
export function missingIn(draft: AccessDraft): Partial<Record<keyof AccessDraft, string>> {
  const needed = (key: keyof AccessDraft, words: string) => (draft[key].trim() === '' ? { [key]: words } : {})
  const storage =
    draft.storage === 'folder'
      ? needed('folder', 'Which folder?')
      : {
          ...(URL.canParse(draft.endpoint.trim()) ? {} : { endpoint: 'An address, such as https://….' }),
          ...needed('bucket', 'Which bucket?'),
          ...needed('accessKeyId', 'Which key?'),
          ...needed('secretAccessKey', 'The key has a secret.'),
        }
  const ca =
    draft.ca.trim() === '' || draft.ca.includes('-----BEGIN CERTIFICATE-----')
      ? {}
      : { ca: 'A certificate begins with -----BEGIN CERTIFICATE-----.' }
  return { ...needed('database', 'It starts with postgres://.'), ...ca, ...storage }
}

/** As the backend takes it. */
export function accessOf(draft: AccessDraft): RegistryAccess {
  const of = (key: keyof AccessDraft) => draft[key].trim()
  return {
    database: of('database'),
    ...(of('ca') !== '' && { ca: `${of('ca')}\n` }),
    storage:
      draft.storage === 'folder'
        ? { kind: 'folder', path: of('folder') }
        : {
            kind: 'r2',
            endpoint: of('endpoint'),
            bucket: of('bucket'),
            accessKeyId: of('accessKeyId'),
            secretAccessKey: of('secretAccessKey'),
          },
  }
}
