import { Button, Code, Group, Modal, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { AgentCommand } from '../../shared/contract/agent-commands.ts'
import type { ProgramAsked } from '../../shared/contract/desktop.ts'
import { desktop, sayError } from '../api.ts'
import classes from './providers.module.css'

type Props = { command: AgentCommand; onClose: () => void; onDone: () => void }

/**
 * Shows all that a program will do. The answer is given outside the page: in a dialog of the system, or by a code that the
 * terminal shows beside the same text.
 */
export function AllowProgram({ command, onClose, onDone }: Props) {
  const [asked, setAsked] = useState<ProgramAsked>()
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  const ask = async (how: () => Promise<ProgramAsked>) => {
    setBusy(true)
    setError(undefined)
    try {
      const answer = await how()
      if (answer.state === 'allowed') {
        onDone()
        return onClose()
      }
      const wrong = answer.state === 'code' && asked?.state === 'code'
      if (wrong) setError(sayWrong(answer.triesLeft))
      if (answer.state === 'refused') setError(answer.words)
      setAsked(answer)
      setCode('')
    } catch (failed) {
      setError(`${sayError(failed)} Nothing was allowed.`)
    } finally {
      setBusy(false)
    }
  }
  const enter = () => ask(() => desktop.allowByCode({ code }))
  const needsCode = asked?.state === 'code'
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Allow ${command.name}?`}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <p className={classes.quiet}>Runs start exactly this. If it changes, you’re asked again.</p>
      <Code block className={classes.command}>
        {command.text}
      </Code>
      {needsCode && (
        <form
          id="allow-by-code"
          onSubmit={event => {
            event.preventDefault()
            void enter()
          }}
        >
          <TextInput
            mt="md"
            label="Code from the terminal"
            description={`The terminal where Whetstone runs shows this command and a code of ${asked.digits} digits. Check that both texts are the same, then enter the code.`}
            value={code}
            onChange={event => setCode(event.currentTarget.value)}
            inputMode="numeric"
            autoComplete="off"
            maxLength={20}
            data-autofocus
          />
        </form>
      )}
      {error !== undefined && (
        <p role="alert" className={classes.bad}>
          {error}
        </p>
      )}
      <Group gap="sm" mt="md" justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        {needsCode ? (
          <Button type="submit" form="allow-by-code" loading={busy} disabled={code.trim() === ''}>
            Allow
          </Button>
        ) : (
          <Button loading={busy} onClick={() => void ask(() => desktop.askToAllow({ text: command.text }))}>
            Allow…
          </Button>
        )}
      </Group>
    </Modal>
  )
}

const sayWrong = (left: number): string => `Wrong code. ${left === 1 ? '1 try' : `${left} tries`} left.`
