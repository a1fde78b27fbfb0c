import { Button, Group, PasswordInput, TagsInput, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { Provider } from '../../shared/contract/providers.ts'
import { api, sayError } from '../api.ts'
import { NumberField, RequiredNumberField } from '../ui/number-field.tsx'
import { tell, tellError } from '../ui/tell.ts'
import classes from './providers.module.css'

type Props = {
  provider: Provider
  /** Just added: its key is asked for first. */
  fresh: boolean
  onChanged: () => void
}

const KEYS = {
  kept: 'A key is kept.',
  environment: 'The key comes from the environment.',
  none: 'No key yet.',
  locked: 'The keychain is locked, so the key cannot be read now.',
} satisfies Record<Provider['key'], string>

/** One provider: address, key, models and how fast it may be asked. */
export function ProviderCard({ provider, fresh, onChanged }: Props) {
  const [fields, setFields] = useState(provider)
  const save = useMutation({
    mutationFn: (change: Partial<Provider>) => {
      const { id, name, kind, baseUrl, keyVariable, models, concurrency, requestsPerMinute, tokensPerMinute } = {
        ...fields,
        ...change,
      }
      return api.providers.save({
        id,
        name,
        kind,
        baseUrl,
        keyVariable,
        models,
        concurrency,
        requestsPerMinute,
        tokensPerMinute,
      })
    },
    onSuccess: onChanged,
    onError: error => tellError(error, 'That was not saved.'),
  })
  const set = (change: Partial<Provider>) => setFields(was => ({ ...was, ...change }))
  const keep = (change: Partial<Provider>) => {
    set(change)
    save.mutate(change)
  }
  const remove = async () => {
    try {
      await api.providers.remove({ id: provider.id })
      onChanged()
      tell({ message: `${provider.name} was removed, and its key forgotten. What it measured stays.` })
    } catch (error) {
      tellError(error, `${provider.name} is still here.`)
    }
  }
  return (
    <fieldset className={classes.card} aria-label={provider.name}>
      <div className={classes.fields}>
        <TextInput
          label="Name"
          value={fields.name}
          onChange={event => set({ name: event.currentTarget.value })}
          onBlur={() => save.mutate({})}
        />
        {(provider.kind === 'compatible' || fields.baseUrl !== null) && (
          <TextInput
            label="Address"
            value={fields.baseUrl ?? ''}
            onChange={event => set({ baseUrl: event.currentTarget.value || null })}
            onBlur={() => save.mutate({})}
          />
        )}
        <TagsInput
          label="Models"
          description="As the provider names them; Enter after each."
          value={fields.models}
          onChange={models => keep({ models })}
        />
        <KeyField provider={provider} fresh={fresh} onChanged={onChanged} />
        <Group gap="sm" grow>
          <RequiredNumberField
            label="At once"
            min={1}
            max={100}
            value={fields.concurrency}
            onChange={value => keep({ concurrency: value })}
          />
          <NumberField
            label="Requests a minute"
            min={1}
            placeholder="no limit"
            value={fields.requestsPerMinute}
            onChange={value => keep({ requestsPerMinute: value })}
          />
          <NumberField
            label="Tokens a minute"
            min={1}
            placeholder="no limit"
            value={fields.tokensPerMinute}
            onChange={value => keep({ tokensPerMinute: value })}
          />
        </Group>
      </div>
      <Group gap="sm" mt="sm">
        <TestButtons provider={provider} models={fields.models} />
        <Button variant="subtle" color="gray" onClick={() => void remove()}>
          Remove
        </Button>
      </Group>
    </fieldset>
  )
}

function KeyField({ provider, fresh, onChanged }: Props) {
  const [key, setKey] = useState('')
  const put = async (value: string | null) => {
    try {
      const { where } = await api.providers.setKey({ id: provider.id, key: value })
      setKey('')
      onChanged()
      tell({ message: KEPT[where] })
    } catch (error) {
      tellError(error, 'The key was not kept.')
    }
  }
  return (
    <div>
      <PasswordInput
        label="Key"
        description={`${KEYS[provider.key]}${provider.keyVariable === null ? '' : ` (${provider.keyVariable})`}`}
        value={key}
        data-autofocus={fresh || undefined}
        autoComplete="off"
        placeholder={provider.key === 'kept' ? 'Type another one to replace it' : ''}
        onChange={event => setKey(event.currentTarget.value)}
        onKeyDown={event => event.key === 'Enter' && key.trim() !== '' && void put(key)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show what was typed' }}
      />
      <Group gap="sm" mt={4}>
        <Button variant="default" disabled={key.trim() === ''} onClick={() => void put(key)}>
          Keep this key
        </Button>
        {provider.key === 'kept' && (
          <Button variant="subtle" color="gray" onClick={() => void put(null)}>
            Forget the key
          </Button>
        )}
      </Group>
    </div>
  )
}

const KEPT = {
  keychain: 'The key is in the system’s keychain.',
  file: 'This computer has no keychain, so the key lies in a file that only your user can read.',
  nowhere: 'The key was forgotten.',
} as const

function TestButtons({ provider, models }: { provider: Provider; models: readonly string[] }) {
  const [said, setSaid] = useState<{ good: boolean; words: string }>()
  const [model] = models
  const test = useMutation({
    mutationFn: (name: string) => api.providers.test({ id: provider.id, model: name }),
    onSuccess: (answer, name) =>
      setSaid(
        answer.state === 'answered'
          ? { good: true, words: `${name} answered in ${(answer.ms / 1_000).toFixed(1)} s.` }
          : { good: false, words: answer.words },
      ),
    onError: error => setSaid({ good: false, words: sayError(error) }),
  })
  return (
    <>
      <Button
        variant="default"
        disabled={model === undefined}
        loading={test.isPending}
        onClick={() => model !== undefined && test.mutate(model)}
      >
        Test the connection
      </Button>
      <span role="status" className={said?.good === false ? classes.bad : classes.good}>
        {model === undefined ? (
          <span className={classes.quiet}>Name a model first.</span>
        ) : (
          said && `${said.good ? '✓' : '✗'} ${said.words}`
        )}
      </span>
    </>
  )
}
