import { Loader } from '@mantine/core'
import { useEffect, useState } from 'react'
import classes from './notice.module.css'

/** Shorter waits are not worth a word. */
const PATIENCE_MS = 500

/** Says what is being waited for, once it takes a moment. */
export function Waiting({ what }: { what: string }) {
  const [long, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className={classes.empty} role="status" aria-busy>
      {long && (
        <>
          <Loader size={18} color="gray" />
          <p>{what}</p>
        </>
      )}
    </div>
  )
}
