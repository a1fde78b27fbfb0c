import { Button } from '@mantine/core'
import { IconDeviceLaptop, IconFolder, IconNotebook, IconPlus, IconServer, IconUserPlus } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useLocation } from 'wouter'
import { address } from '../routes.ts'
import { showDialog } from '../ui/dialogs.ts'
import { count } from '../ui/format.ts'
import { useStartImport } from './import-dialog.tsx'
import classes from './imports.module.css'
import { PlaceList, usePlaces } from './places.tsx'

type Props = { onOpenSample: () => void; openingSample: boolean }

/** An empty library: what belongs here, and the first steps. */
export function FirstRun({ onOpenSample, openingSample }: Props) {
  const [, navigate] = useLocation()
  const places = usePlaces()
  const start = useStartImport()
  const found = places.data ?? []
  const skills = found.reduce((sum, place) => sum + place.skills, 0)
  return (
    <div className={classes.firstRun}>
      <h1>Your skills will be listed here</h1>
      <p>
        A skill is a folder with a SKILL.md. Nothing you do here changes the folders you import from, and nothing leaves
        this computer.
      </p>
      <Offer
        icon={<IconDeviceLaptop size={20} stroke={1.5} />}
        title={
          found.length === 0 ? 'No skills found on this computer' : `${count(skills, 'skill')} found on this computer`
        }
        words={
          found.length === 0 ? 'The folders where agents keep their skills are looked at, nowhere else.' : undefined
        }
      >
        {found.length > 0 && <PlaceList places={found} onImport={path => start({ kind: 'path', path }, path)} />}
      </Offer>
      <Offer
        icon={<IconFolder size={20} stroke={1.5} />}
        title="A folder, a git repository or an archive"
        words="A repository brings its history: each commit that changed a skill becomes a version of it."
        action={
          <Button variant="default" onClick={() => showDialog('import')}>
            Import…
          </Button>
        }
      />
      <Offer
        icon={<IconNotebook size={20} stroke={1.5} />}
        title="The sample library"
        words="Skills with versions, ratings, feedback and benchmark runs to look around in; thrown away as easily."
        action={
          <Button variant="default" loading={openingSample} onClick={onOpenSample}>
            Open the sample
          </Button>
        }
      />
      <Offer
        icon={<IconPlus size={20} stroke={1.5} />}
        title="A new skill"
        words="Starts with a SKILL.md to fill in."
        action={
          <Button variant="default" onClick={() => showDialog('new-skill')}>
            New skill…
          </Button>
        }
      />
      <Offer
        icon={<IconUserPlus size={20} stroke={1.5} />}
        title="A team"
        words="With an invite, your team’s skills stand beside your own, and both can be worked on offline."
        action={
          <Button variant="default" onClick={() => navigate(address.join())}>
            Join a team…
          </Button>
        }
      />
      <Offer
        icon={<IconServer size={20} stroke={1.5} />}
        title="A team of your own"
        words="Make a place for your team’s skills in a database and storage you own, or try one on this computer."
        action={
          <Button variant="default" onClick={() => navigate(address.registries())}>
            Team registries
          </Button>
        }
      />
    </div>
  )
}

type OfferProps = {
  icon: ReactNode
  title: string
  words?: string | undefined
  action?: ReactNode
  children?: ReactNode
}

const Offer = ({ icon, title, words, action, children }: OfferProps) => (
  <section className={classes.offer}>
    {icon}
    <h2>{title}</h2>
    {action ?? <span />}
    {words !== undefined && <p>{words}</p>}
    {children}
  </section>
)
