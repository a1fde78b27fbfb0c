import { Component, type ErrorInfo, type ReactNode } from 'react'
import { ErrorNotice } from './error-notice.tsx'

type Props = { children: ReactNode /** Another value (the address) tries again. */; resetKey?: string }
type State = { error: Error | undefined; resetKey: string | undefined }

/** A bug in what is shown below becomes words and a button, and the rest of the window stays. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: undefined, resetKey: this.props.resetKey }

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.resetKey ? null : { error: undefined, resetKey: props.resetKey }
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack)
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    return (
      <ErrorNotice
        happened="This page stopped because of a mistake in the app."
        kept="Your skills and what you typed up to the last autosave are kept."
        todo="Reload to go on. If it happens again, please report the words below."
        remedies={[{ label: 'Reload', run: () => window.location.reload() }]}
      >
        <pre style={{ whiteSpace: 'pre-wrap', fontSize: 'var(--ws-small)' }}>{error.message}</pre>
      </ErrorNotice>
    )
  }
}
