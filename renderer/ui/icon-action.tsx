import { ActionIcon, type ActionIconProps, Tooltip } from '@mantine/core'
import type { ComponentPropsWithoutRef, ReactNode, Ref } from 'react'
import { sayShortcut } from './shortcut.ts'

type Props = ActionIconProps &
  Omit<ComponentPropsWithoutRef<'button'>, keyof ActionIconProps | 'name'> & {
    /** Said by screen readers and shown in the tooltip. */
    name: string
    /** Shown beside the name; the caller binds it (`useShortcut`). */
    shortcut?: string
    children: ReactNode
    ref?: Ref<HTMLButtonElement>
  }

/** A button that is only an icon, with a name and a tooltip. Icons at 18 px, stroke 1.5. */
export function IconAction({ name, shortcut, children, ref, ...rest }: Props) {
  const label = shortcut === undefined ? name : `${name} (${sayShortcut(shortcut)})`
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={name} ref={ref} {...rest}>
        {children}
      </ActionIcon>
    </Tooltip>
  )
}
