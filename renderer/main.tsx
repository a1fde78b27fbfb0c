import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './ui/global.css'
import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { desktop, queryClient } from './api.ts'
import { App } from './app.tsx'
import { connect, links } from './connection.ts'
import { followChanges } from './follow-changes.ts'
import { answerOtherTabs, tokenIn } from './session.ts'
import { cssVariables, theme } from './theme.ts'
import { ErrorBoundary } from './ui/error-boundary.tsx'
import { followMenuCommands } from './ui/menu-commands.ts'

/** The policy of the page lets only style elements with this answer's nonce in. */
const nonce = document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce

// The package that keeps the page from scrolling below a dialog asks for the nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: nonce })

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no #root.')

connect()
answerOtherTabs(async () => {
  if (links.desktop.connection.getState().state !== 'open') return undefined
  const { address } = await desktop.addressForTab()
  return address === undefined ? undefined : tokenIn(new URL(address).hash)
})
const life = new AbortController()
void followChanges(life.signal)
void followMenuCommands(desktop, life.signal)
import.meta.hot?.dispose(() => life.abort())

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      {...(nonce && { getStyleNonce: () => nonce })}
    >
      <QueryClientProvider client={queryClient}>
        <ModalsProvider>
          <Notifications position="bottom-right" limit={4} />
          <ErrorBoundary>
            <App />
          </ErrorBoundary>
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
