import { modals } from '@mantine/modals'
import { useMutation } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import type { Space } from '../../shared/contract/spaces.ts'
import { api, query, queryClient } from '../api.ts'
import { address } from '../routes.ts'
import { count } from '../ui/format.ts'
import { tell, tellError } from '../ui/tell.ts'

/** Opens the sample library, making it where it is not there yet, and goes to it. */
export function useOpenSample() {
  const [, navigate] = useLocation()
  return useMutation({
    mutationFn: () => api.spaces.openSample(),
    onSuccess: async ({ tenantId }) => {
      await queryClient.invalidateQueries({ queryKey: query.spaces.key() })
      navigate(address.library(tenantId))
    },
    onError: error => tellError(error, 'The sample could not be opened.'),
  })
}

/** Asks, because it cannot be undone, and says what goes; then goes back to the personal library. */
export function useThrowSampleAway(): (sample: Space) => void {
  const [, navigate] = useLocation()
  const throwAway = async (sample: Space) => {
    try {
      const { skills } = await api.spaces.removeSample({ tenantId: sample.tenantId })
      navigate(address.home())
      await queryClient.invalidateQueries({ queryKey: query.spaces.key() })
      tell({ message: `The sample is gone, with ${count(skills, 'skill')}.` })
    } catch (error) {
      tellError(error, 'The sample could not be thrown away.')
    }
  }
  return sample =>
    modals.openConfirmModal({
      title: 'Throw the sample away?',
      children: `This removes ${count(sample.skills, 'skill')} with ${count(sample.versions, 'version')}, their ratings, feedback and benchmark runs, and whatever you changed in them. It cannot be undone. Your own libraries are not touched, and a fresh sample can be opened again.`,
      labels: { confirm: 'Throw it away', cancel: 'Keep it' },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': 'Close' },
      onConfirm: () => void throwAway(sample),
    })
}
