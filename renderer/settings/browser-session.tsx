import { Button, Group } from '@mantine/core'
import { useState } from 'react'
import { desktop } from '../api.ts'
import { signOut } from '../connection.ts'
import { copyText } from '../ui/copy-text.ts'
import { tell, tellError } from '../ui/tell.ts'

/** Where the page is shown by a browser: a way in for another tab, and the way out. */
export function BrowserSession() {
  const [leaving, setLeaving] = useState(false)
  const copyLink = async () => {
    try {
      const { address } = await desktop.addressForTab()
      if (address === undefined) return
      if (await copyText(address)) {
        tell({ title: 'Link copied', message: 'It works once, within 5 minutes.' })
      } else {
        tell({ title: 'Couldn’t copy the link', message: 'This browser doesn’t allow copying.' })
      }
    } catch (error) {
      tellError(error, 'No link was made.')
    }
  }
  return (
    <Group gap="sm">
      <Button variant="default" onClick={() => void copyLink()}>
        Copy link for another tab
      </Button>
      <Button
        variant="default"
        loading={leaving}
        onClick={() => {
          setLeaving(true)
          void signOut(() => desktop.signOut())
        }}
      >
        Disconnect this browser
      </Button>
    </Group>
  )
}
