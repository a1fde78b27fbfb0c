import { Button, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { InviteSummary } from '../../shared/contract/sync.ts'
import { isExpected, query, sayError } from '../api.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { partsOf } from '../ui/error-parts.ts'
import { takeInvite } from '../ui/handed-invite.ts'
import { Page } from '../ui/page.tsx'
import { when } from '../ui/when.ts'
import { JoinSteps } from './join-steps.tsx'
import { JoinedTeam } from './joined-team.tsx'
import { useJoining } from './joining.ts'
import classes from './sync.module.css'

/** From an invite to a team's library: paste it, read what it says, join, and choose what to bring. */
export function JoinPage() {
  const [text, setText] = useState(() => takeInvite() ?? '')
  const { state, join, cancel, again } = useJoining()
  const invite = text.trim()
  const read = useQuery({
    ...query.sync.readInvite.queryOptions({ input: { invite } }),
    enabled: invite !== '' && state.kind !== 'joined',
    gcTime: 0,
    retry: false,
  })
  if (state.kind === 'joined') return <Joined>{<JoinedTeam joined={state.joined} team={state.team} />}</Joined>
  const busy = state.kind === 'joining'
  return (
    <Page title="Join a team" titled={false}>
      <div className={classes.join}>
        <p>
          An invite is one long line that whoever runs your team’s registry gives you. It works once, on one computer;
          your other libraries stay as they are.
        </p>
        <Textarea
          className={classes.invite ?? ''}
          label="Invite"
          placeholder="whetstone-invite-1.…"
          rows={4}
          value={text}
          disabled={busy}
          spellCheck={false}
          autoComplete="off"
          data-autofocus
          error={read.error && sayError(read.error)}
          onChange={event => {
            setText(event.currentTarget.value)
            again()
          }}
        />
        {read.data && invite !== '' && (
          <InviteFacts invite={read.data}>
            {busy ? (
              <Button variant="default" onClick={cancel}>
                Cancel
              </Button>
            ) : (
              <Button onClick={() => void join(invite, read.data.team)} disabled={state.kind === 'failed'}>
                {read.data.here ? 'Use the new invite' : `Join ${read.data.team}`}
              </Button>
            )}
          </InviteFacts>
        )}
        {busy && <JoinSteps step={state.step} />}
        {state.kind === 'failed' && (
          <Failed error={state.error} onAgain={() => void join(invite, read.data?.team ?? '')} />
        )}
      </div>
    </Page>
  )
}

const Joined = ({ children }: { children: ReactNode }) => (
  <Page title="Join a team" titled={false}>
    <div className={classes.join}>{children}</div>
  </Page>
)

const ROLES: Record<InviteSummary['role'], string> = {
  reader: 'reader: reads, rates and gives feedback',
  author: 'author: also adds skills and saves versions',
  admin: 'admin: also publishes and reviews for everybody',
}

function InviteFacts({ invite, children }: { invite: InviteSummary; children: ReactNode }) {
  const expired = invite.expiresAt < Date.now()
  return (
    <section aria-label="What the invite says">
      <dl className={classes.facts}>
        <dt>Team</dt>
        <dd>
          <strong>{invite.team}</strong>
        </dd>
        <dt>You</dt>
        <dd>{invite.user}</dd>
        <dt>Role</dt>
        <dd>{ROLES[invite.role]}</dd>
        <dt>Registry</dt>
        <dd>{invite.host}</dd>
        <dt>Content</dt>
        <dd>{invite.storage ?? 'no store yet: versions can be read once whoever runs the registry adds one'}</dd>
        <dt>Valid until</dt>
        <dd>
          {when(invite.expiresAt)}
          {expired && ': by this computer’s clock that is past. Ask for a new one if joining fails.'}
        </dd>
      </dl>
      {invite.here && (
        <p className={classes.quiet}>
          {invite.team} is on this computer already: this invite brings new credentials, and sync goes on with them.
          Nothing that is here or waits is lost.
        </p>
      )}
      <div className={classes.buttons}>{children}</div>
    </section>
  )
}

function Failed({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  const { happened, kept, todo } = partsOf(error)
  const over = isExpected(error) && (error.code === 'INVITE_USED' || error.code === 'INVITE_EXPIRED')
  return (
    <ErrorNotice
      happened={happened}
      kept={kept ?? 'Nothing was changed on this computer.'}
      {...(todo !== undefined && { todo })}
      remedies={over ? [] : [{ label: 'Try again', run: onAgain }]}
    />
  )
}
