import { Button, FileButton } from '@mantine/core'
import { IconArrowsExchange, IconX } from '@tabler/icons-react'
import { useEffect } from 'react'
import { Empty } from '../../ui/empty.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { bytes } from '../../ui/format.ts'
import { IconAction } from '../../ui/icon-action.tsx'
import { copyPatch } from '../copy-patch.ts'
import { warmUp } from '../text/diff-client.ts'
import { TextDiff } from '../text/text-diff.tsx'
import classes from './files.module.css'
import { forgetPair, type PairSide, putFile, swapPair, usePair } from './pair-store.ts'
import { PicturePair } from './picture-pair.tsx'
import type { PageFile } from './read-file.ts'

type Props = { mode: 'side' | 'inline'; onMode: (mode: 'side' | 'inline') => void; onClose: () => void }

/** Two files from outside the library, compared in the page alone. */
export function PairView({ mode, onMode, onClose }: Props) {
  const { left, right } = usePair()
  useEffect(warmUp, [])
  return (
    <div className={classes.pair}>
      <div className={classes.bar}>
        <div className={classes.chosen}>
          <FileChoice side="left" file={left} />
          <IconAction name="Swap sides" disabled={!left && !right} onClick={swapPair}>
            <IconArrowsExchange size={16} stroke={1.5} />
          </IconAction>
          <FileChoice side="right" file={right} />
        </div>
        <span className={classes.facts}>
          Compared in this window alone: nothing is stored, and a reload forgets them.
        </span>
        <IconAction
          name="Back to versions"
          onClick={() => {
            forgetPair()
            onClose()
          }}
        >
          <IconX size={16} stroke={1.5} />
        </IconAction>
      </div>
      <div className={classes.body}>
        <Compared left={left} right={right} mode={mode} onMode={onMode} />
      </div>
    </div>
  )
}

function FileChoice({ side, file }: { side: PairSide; file: PageFile | undefined }) {
  const name = side === 'left' ? 'Left' : 'Right'
  return (
    <FileButton onChange={chosen => chosen && void putFile(side, chosen)} inputProps={{ 'aria-label': `${name} file` }}>
      {props => (
        <Button variant="default" {...props}>
          <span className={classes.hidden}>{name} file: </span>
          {file ? `${file.name} · ${bytes(file.size)}` : 'Choose a file…'}
        </Button>
      )}
    </FileButton>
  )
}

type ComparedProps = Pick<Props, 'mode' | 'onMode'> & { left: PageFile | undefined; right: PageFile | undefined }

function Compared({ left, right, mode, onMode }: ComparedProps) {
  for (const file of [left, right])
    if (file?.kind === 'refused')
      return <ErrorNotice happened={file.why} todo="Choose another file, or drop one here." />
  if (!left || !right)
    return (
      <Empty title={left || right ? 'One more file' : 'Choose two files'}>
        Drop {left || right ? 'it' : 'them'} anywhere here, or choose above. Text in UTF-8 and pictures, up to 5 MB
        each.
      </Empty>
    )
  const names = left.name === right.name ? ['the left file', 'the right file'] : [left.name, right.name]
  const [leftName = '', rightName = ''] = names
  if (left.kind === 'text' && right.kind === 'text')
    return (
      <TextDiff
        path={right.name}
        left={{ name: leftName, text: left.text }}
        right={{ name: rightName, text: right.text }}
        mode={mode}
        onMode={onMode}
        onCopy={() =>
          void copyPatch({
            kind: 'texts',
            a: left.text,
            b: right.text,
            aName: `a/${left.name}`,
            bName: `b/${right.name}`,
          })
        }
      />
    )
  if (left.kind === 'picture' && right.kind === 'picture')
    return (
      <PicturePair
        path={right.name}
        left={{ name: leftName, blob: left.blob }}
        right={{ name: rightName, blob: right.blob }}
      />
    )
  return <ErrorNotice happened="One is a picture and the other is text." todo="Choose two of a kind to compare them." />
}
