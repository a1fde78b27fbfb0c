import { Button, Group } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { query } from '../api.ts'
import { Page } from '../ui/page.tsx'
import { when } from '../ui/when.ts'
import { DemoSection } from './demo-section.tsx'
import { FindingList } from './finding-list.tsx'
import { InviteBox } from './invite-box.tsx'
import type { Made } from './make-team.tsx'
import { MendedRows } from './mended-rows.tsx'
import { ProblemNotice } from './problem-notice.tsx'
import classes from './registries.module.css'
import { RegistryItem } from './registry-item.tsx'
import type { Restored } from './restore-form.tsx'
import { Section } from './section.tsx'
import { SetUp } from './set-up.tsx'

/** Where a team's skills live, for whoever makes and keeps that place. Members need none of it: they paste an invite. */
export function RegistriesPage() {
  const kept = useQuery(query.registries.list.queryOptions())
  const [settingUp, setSettingUp] = useState(false)
  const [made, setMade] = useState<Made>()
  const [restored, setRestored] = useState<Restored>()
  const finish = (done: Made) => {
    setMade(done)
    setSettingUp(false)
  }
  const registries = kept.data ?? []
  return (
    <Page title="Team registries" titled={false} padded>
      <div className={classes.page}>
        {made && <MadeSection made={made} onClose={() => setMade(undefined)} />}
        {restored && <RestoredSection restored={restored} onClose={() => setRestored(undefined)} />}
        {kept.error && (
          <ProblemNotice error={kept.error} remedies={[{ label: 'Try again', run: () => void kept.refetch() }]} />
        )}
        {registries.length > 0 && (
          <Section
            title="Registries you keep"
            words="As the owner of their databases. The people in a team do not need this page: they paste their invite."
          >
            {registries.map(registry => (
              <RegistryItem key={registry.id} registry={registry} />
            ))}
          </Section>
        )}
        <DemoSection />
        <Section
          title="Set up or open a registry"
          words="A database (Postgres) and storage (an R2 or S3 bucket, or a shared folder) that you own, through which your team shares its skills. Whetstone has no server of its own: what your team writes stays with you."
        >
          {settingUp ? (
            <SetUp onMade={finish} onRestored={setRestored} onClose={() => setSettingUp(false)} />
          ) : (
            <div>
              <Button
                variant="default"
                leftSection={<IconPlus size={16} stroke={2} />}
                onClick={() => setSettingUp(true)}
              >
                Set up or open a registry…
              </Button>
            </div>
          )}
        </Section>
      </div>
    </Page>
  )
}

/** Not everything that was exported is there as it was. */
function RestoredSection({ restored, onClose }: { restored: Restored; onClose: () => void }) {
  return (
    <Section
      title={`${restored.registry.team} is restored, but for some rows`}
      words="They break rules that every registry has now. Everything else is as it was exported, and the export still holds them."
    >
      <MendedRows lines={restored.told} title="Rows that are not as they were" />
      <Group gap="sm">
        <Button variant="default" onClick={onClose}>
          Done
        </Button>
      </Group>
    </Section>
  )
}

/** The team is there; its maker joins it like everybody. */
function MadeSection({
  made: { registry, invited, findings, mended, remains },
  onClose,
}: {
  made: Made
  onClose: () => void
}) {
  const broken = findings.filter(one => one.state === 'fail')
  return (
    <Section
      title={`${registry.team} is made`}
      words="Its registry is ready. Join it with your own invite, then invite the others below."
    >
      <InviteBox
        invite={invited.invite}
        title={`Invite for ${invited.name}, its first admin`}
        words={`Good once, until ${when(invited.expiresAt)}.`}
        joinHere
      />
      {broken.length > 0 && <FindingList findings={broken} />}
      <MendedRows lines={mended} title="Rows that broke the rules which this registry has now" />
      {remains.map(remaining => (
        <p key={remaining} className={classes.words}>
          To know: {remaining}
        </p>
      ))}
      <Group gap="sm">
        <Button variant="default" onClick={onClose}>
          Done
        </Button>
      </Group>
    </Section>
  )
}
