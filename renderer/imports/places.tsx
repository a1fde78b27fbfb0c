import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { query } from '../api.ts'
import { count } from '../ui/format.ts'
import classes from './imports.module.css'

/** Folders on this computer where agents keep skills. Looked at anew each time somebody asks. */
export const usePlaces = () => useQuery({ ...query.imports.places.queryOptions(), staleTime: 0 })

type Props = { places: readonly { path: string; label: string; skills: number }[]; onImport: (path: string) => void }

export function PlaceList({ places, onImport }: Props) {
  return (
    <ul className={classes.places}>
      {places.map(({ path, label, skills }) => (
        <li key={path}>
          <div className={classes.placeName}>
            <div>
              {label} <span className={classes.dim}>· {count(skills, 'skill')}</span>
            </div>
            <div className={classes.path} title={path}>
              {path}
            </div>
          </div>
          <Button variant="default" onClick={() => onImport(path)} aria-label={`Import from ${label}`}>
            Import
          </Button>
        </li>
      ))}
    </ul>
  )
}
