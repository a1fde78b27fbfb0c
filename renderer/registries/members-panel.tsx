import { Button, Group, Menu, Select, Switch } from '@mantine/core'
import { IconDots, IconUserPlus } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { Registry, RegistryMember } from '../../shared/contract/registries.ts'
import { api, query, queryClient } from '../api.ts'
import { IconAction } from '../ui/icon-action.tsx'
import { tell } from '../ui/tell.ts'
import { Waiting } from '../ui/waiting.tsx'
import { askForMember, askToRemove, askToRotate, askToRotateAll, inviteAgain } from './member-dialogs.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import classes from './registries.module.css'
import { tellProblem } from './tell-problem.ts'
import { ROLE_WORDS, ROLES, sayState } from './words.ts'

/** Who is in the team, what each may do, and the one rule that the team itself decides. */
export function MembersPanel({ registry }: { registry: Registry }) {
  const asked = useQuery(query.registries.members.queryOptions({ input: { id: registry.id } }))
  const again = { label: 'Try again', run: () => void asked.refetch() }
  if (asked.error) return <ProblemNotice error={asked.error} remedies={[again]} />
  if (asked.data === undefined) return <Waiting what="Asking the registry who is in the team…" />
  const { members, publishNeedsApproval } = asked.data
  return (
    <div className={classes.panel}>
      <table className={classes.members}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">State</th>
            <th scope="col" aria-label="Actions" />
          </tr>
        </thead>
        <tbody>
          {members.map(member => (
            <MemberRow key={member.userId} registry={registry} member={member} />
          ))}
        </tbody>
      </table>
      <Group gap="sm">
        <Button leftSection={<IconUserPlus size={16} stroke={1.5} />} onClick={() => askForMember(registry)}>
          Invite a member…
        </Button>
        <Button variant="default" onClick={() => askToRotateAll(registry)}>
          New passwords for everybody…
        </Button>
      </Group>
      <Approval registry={registry} needed={publishNeedsApproval} />
    </div>
  )
}

function MemberRow({ registry, member }: { registry: Registry; member: RegistryMember }) {
  const { name, email, role, state } = member
  return (
    <tr>
      <th scope="row">
        {name}
        {email !== null && <div className={classes.dim}>{email}</div>}
      </th>
      <td>{state === 'removed' ? ROLE_LABEL[role] : <RoleChoice registry={registry} member={member} />}</td>
      <td>{sayState(member)}</td>
      <td>
        <Menu position="bottom-end">
          <Menu.Target>
            <IconAction name={`Actions for ${name}`}>
              <IconDots size={18} stroke={1.5} />
            </IconAction>
          </Menu.Target>
          <Menu.Dropdown>
            {state === 'removed' ? (
              <Menu.Item onClick={() => inviteAgain(registry, member)}>Invite again</Menu.Item>
            ) : (
              <>
                <Menu.Item onClick={() => askToRotate(registry, member)}>
                  {state === 'active' ? 'New password…' : 'New invite…'}
                </Menu.Item>
                <Menu.Item color="red" onClick={() => askToRemove(registry, member)}>
                  {state === 'active' ? 'Remove…' : 'Take the invite back…'}
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      </td>
    </tr>
  )
}

const ROLE_LABEL: Record<RegistryMember['role'], string> = { reader: 'Reader', author: 'Author', admin: 'Admin' }

function RoleChoice({ registry, member }: { registry: Registry; member: RegistryMember }) {
  const { userId, name } = member
  const change = useMutation({
    mutationFn: (role: RegistryMember['role']) => api.registries.setRole({ id: registry.id, userId, role }),
    onSuccess: (_, role) => tell({ message: `${name} is ${ROLE_LABEL[role].toLowerCase()} now: ${ROLE_WORDS[role]}.` }),
    onError: error => tellProblem(error, 'The role was not changed.'),
    onSettled: () => queryClient.invalidateQueries({ queryKey: query.registries.members.key() }),
  })
  return (
    <Select
      className={classes.role ?? ''}
      aria-label={`Role of ${name}`}
      data={ROLES}
      value={change.isPending ? change.variables : member.role}
      allowDeselect={false}
      onChange={value => {
        const role = ROLES.find(known => known.value === value)?.value
        if (role !== undefined && role !== member.role) change.mutate(role)
      }}
    />
  )
}

function Approval({ registry, needed }: { registry: Registry; needed: boolean }) {
  const change = useMutation({
    mutationFn: (wanted: boolean) => api.registries.setApproval({ id: registry.id, needed: wanted }),
    onError: error => tellProblem(error, 'That was not changed.'),
    onSettled: () => queryClient.invalidateQueries({ queryKey: query.registries.members.key() }),
  })
  return (
    <Switch
      label="Publishing needs approval"
      description="A version is published only after the skill’s author or an admin approved it, never whoever made it. The database holds everybody to it."
      checked={change.isPending ? change.variables : needed}
      onChange={event => change.mutate(event.currentTarget.checked)}
    />
  )
}
