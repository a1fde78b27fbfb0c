import { create } from 'zustand'

/** An invite on its way to the page that joins a team. It is a secret: kept in this window's memory, nowhere else. */
const useHandedInvite = create<{ invite: string | undefined }>(() => ({ invite: undefined }))

/** Then go to `address.join()`. */
export const handInvite = (invite: string): void => useHandedInvite.setState({ invite })

/** The invite that was handed over, once. */
export function takeInvite(): string | undefined {
  const { invite } = useHandedInvite.getState()
  useHandedInvite.setState({ invite: undefined })
  return invite
}
