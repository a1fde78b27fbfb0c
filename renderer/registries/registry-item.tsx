import { Button, Checkbox, Menu, Tabs } from '@mantine/core'
import { modals } from '@mantine/modals'
import { IconDots } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import type { Registry } from '../../shared/contract/registries.ts'
import { api, query, queryClient } from '../api.ts'
import { IconAction } from '../ui/icon-action.tsx'
import { tell } from '../ui/tell.ts'
import { type AccessDraft, accessOf, draftFor, missingIn } from './access-draft.ts'
import { AccessFields } from './access-fields.tsx'
import { DoctorPanel } from './doctor-panel.tsx'
import { ExportPanel } from './export-panel.tsx'
import { MembersPanel } from './members-panel.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import classes from './registries.module.css'
import { tellProblem } from './tell-problem.ts'
import { sayLogin } from './words.ts'

/** One team's registry that this computer administers. */
export function RegistryItem({ registry }: { registry: Registry }) {
  const id = useId()
  const { team, host, database, storage, login, demo } = registry
  return (
    <section className={classes.registry} aria-labelledby={id}>
      <div className={classes.registryHead}>
        <div>
          <h3 id={id}>{team}</h3>
          <div className={classes.dim}>
            {demo ? 'The demo registry on this computer' : `${database} at ${host} · ${storage ?? 'no storage given'}`}
          </div>
          {!demo && <div className={classes.dim}>{sayLogin(login)}</div>}
        </div>
        {!demo && (
          <Menu position="bottom-end">
            <Menu.Target>
              <IconAction name={`More about ${team}`}>
                <IconDots size={18} stroke={1.5} />
              </IconAction>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={() => askToForget(registry)}>Forget on this computer…</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      {login === 'needed' ? <LoginAgain registry={registry} /> : <Parts registry={registry} />}
    </section>
  )
}

function Parts({ registry }: { registry: Registry }) {
  return (
    <Tabs defaultValue="members" keepMounted={false}>
      <Tabs.List pl={8}>
        <Tabs.Tab value="members">Members</Tabs.Tab>
        <Tabs.Tab value="rules">Rules</Tabs.Tab>
        <Tabs.Tab value="export">Export</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="members">
        <MembersPanel registry={registry} />
      </Tabs.Panel>
      <Tabs.Panel value="rules">
        <DoctorPanel registryId={registry.id} />
      </Tabs.Panel>
      <Tabs.Panel value="export">
        <ExportPanel registry={registry} />
      </Tabs.Panel>
    </Tabs>
  )
}

function askToForget({ id, team }: Registry): void {
  modals.openConfirmModal({
    title: `Forget ${team} on this computer?`,
    closeButtonProps: { 'aria-label': 'Close' },
    children:
      'The owner’s login is deleted here, and the team leaves this list. The registry stays as it is, with all its members and content; it can be opened here again with its connection string.',
    labels: { confirm: 'Forget it', cancel: 'Cancel' },
    onConfirm: () =>
      void api.registries
        .forget({ id })
        .then(() => tell({ message: `${team} is not administered from this computer any more.` }))
        .catch(error => tellProblem(error, 'It was not forgotten.'))
        .finally(() => queryClient.invalidateQueries({ queryKey: query.registries.key() })),
  })
}

/** The login was not kept: given again, it is as it was. */
function LoginAgain({ registry }: { registry: Registry }) {
  const [draft, setDraft] = useState<AccessDraft>(() => draftFor(registry.storage))
  const [tried, setTried] = useState(false)
  const [remember, setRemember] = useState(false)
  const missing = missingIn(draft)
  const open = useMutation({
    mutationFn: () => api.registries.open({ access: accessOf(draft), tenantId: registry.tenantId, remember }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: query.registries.key() }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (Object.keys(missing).length === 0) open.mutate()
  }
  return (
    <form onSubmit={submit} className={classes.panel} aria-label={`Owner’s login to ${registry.team}`}>
      <p className={classes.words}>The owner’s login was not kept when the app closed. Give it again to go on.</p>
      <div className={classes.form}>
        <AccessFields
          draft={draft}
          missing={tried ? missing : {}}
          onChange={change => setDraft(was => ({ ...was, ...change }))}
        />
        <Checkbox
          label="Remember it on this computer"
          checked={remember}
          onChange={event => setRemember(event.currentTarget.checked)}
        />
        {open.error && <ProblemNotice error={open.error} />}
        <div>
          <Button type="submit" loading={open.isPending}>
            Open
          </Button>
        </div>
      </div>
    </form>
  )
}
