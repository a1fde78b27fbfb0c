import { Modal } from '@mantine/core'
import { useState } from 'react'
import { copyPatch } from '../../compare/copy-patch.ts'
import { TextDiff, type TextSide } from '../../compare/text/text-diff.tsx'

type Props = { title: string; left: TextSide; right: TextSide; path: string; onClose: () => void }

/** Two texts beside each other, over the page. */
export function TextsDialog({ title, left, right, path, onClose }: Props) {
  const [mode, setMode] = useState<'side' | 'inline'>('side')
  return (
    <Modal opened onClose={onClose} title={title} size="90%">
      <div style={{ height: '65vh' }}>
        <TextDiff
          left={left}
          right={right}
          path={path}
          mode={mode}
          onMode={setMode}
          onCopy={() =>
            void copyPatch({
              kind: 'texts',
              a: left.text ?? '',
              b: right.text ?? '',
              aName: `a/${path}`,
              bName: `b/${path}`,
            })
          }
        />
      </div>
    </Modal>
  )
}
