import { useQuery } from '@tanstack/react-query'
import { desktop } from '../api.ts'

/** What this host can do beside the page: dialogs, showing a folder. Undefined until it has answered. */
export function useDesktopAbout() {
  return useQuery({ queryKey: ['desktop', 'about'], queryFn: () => desktop.about() }).data
}
