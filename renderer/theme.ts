import {
  ActionIcon,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Input,
  type MantineColorsTuple,
  Modal,
  Tooltip,
} from '@mantine/core'

/** The one accent: steel under water. White on 7 is 5.6:1, 8 on white 7.5:1, 3 on the dark page 8:1. */
const steel: MantineColorsTuple = [
  '#eaf5f9',
  '#d3e9f1',
  '#a8d5e4',
  '#7ac1d7',
  '#54b0cb',
  '#37a0bf',
  '#1f87a8',
  '#0f6f8d',
  '#0a5a73',
  '#06455a',
]
const dark: MantineColorsTuple = [
  '#d9dde2',
  '#bcc3cb',
  '#9aa3ae',
  '#7c8793',
  '#3d454f',
  '#323942',
  '#262c34',
  '#1b2026',
  '#14181d',
  '#0d1013',
]

/** Mantine's own red is too light for white text on it. */
const red: MantineColorsTuple = [
  '#fdeceb',
  '#fbd9d6',
  '#f5b3ad',
  '#ee8b82',
  '#e5675c',
  '#d9473b',
  '#c8352a',
  '#b42318',
  '#941b12',
  '#74130c',
]

const noMotion = { duration: 0 }

/**
 * 14 px in the system's font, code at 13 in its monospace, on a grid of 4 px; borders before shadows. The controls are
 * Mantine's `xs` (30 px high) with type of 13, because this is a tool for a whole day, not a form.
 */
export const theme = createTheme({
  primaryColor: 'steel',
  primaryShade: { light: 7, dark: 7 },
  colors: { steel, dark, red },
  black: '#1d2227',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.4' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'sm',
  shadows: { xs: 'none', sm: 'none', md: '0 4px 16px rgb(0 0 0 / 12%)', lg: '0 8px 24px rgb(0 0 0 / 16%)' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Button: Button.extend({
      defaultProps: { size: 'xs', fw: 500 },
      vars: () => ({ root: { '--button-fz': '13px' } }),
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 28 } }),
    Input: Input.extend({ defaultProps: { size: 'xs' }, vars: () => ({ wrapper: { '--input-fz': '14px' } }) }),
    InputWrapper: Input.Wrapper.extend({
      vars: () => ({
        label: { '--input-label-size': '13px', '--input-asterisk-color': undefined },
        error: { '--input-error-size': '12px' },
        success: { '--input-success-size': '12px' },
        description: { '--input-description-size': '12px' },
      }),
    }),
    TextInput: { defaultProps: { size: 'xs' } },
    Textarea: { defaultProps: { size: 'xs' } },
    Select: { defaultProps: { size: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { size: 'xs' } },
    Menu: { defaultProps: { shadow: 'md', transitionProps: noMotion, loop: true } },
    Popover: { defaultProps: { shadow: 'md', transitionProps: noMotion } },
    HoverCard: { defaultProps: { shadow: 'md', transitionProps: noMotion } },
    Modal: Modal.extend({
      defaultProps: { padding: 'lg', transitionProps: { duration: 100 }, overlayProps: { opacity: 0.4 } },
    }),
    Drawer: { defaultProps: { transitionProps: { duration: 120 }, overlayProps: { opacity: 0.4 } } },
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, transitionProps: noMotion, withArrow: false } }),
  },
})

/**
 * Colours by meaning, for our own CSS: the same names in light and dark, every text colour ≥ 4.5:1 on the page and on a
 * panel. `--ws-good`, `--ws-bad` and `--ws-warn` never stand alone: a sign or a word goes with them.
 */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--ws-small': '12px', '--ws-code': '13px', '--ws-row': '32px' },
  light: {
    '--mantine-color-dimmed': '#59626c',
    '--mantine-color-placeholder': '#66707b',
    '--mantine-color-error': '#b42318',
    '--mantine-color-default-border': '#cdd3d9',
    '--ws-page': '#ffffff',
    '--ws-panel': '#f5f7f8',
    '--ws-line': '#dfe3e7',
    '--ws-hover': '#eef2f4',
    '--ws-selected': '#dceef5',
    '--ws-accent': '#0f6f8d',
    '--ws-dim': '#59626c',
    '--ws-good': '#18703a',
    '--ws-bad': '#b42318',
    '--ws-warn': '#8a5300',
    '--ws-mark': '#ffe9a8',
    '--ws-added': '#e3f6e8',
    '--ws-added-word': '#b4e6c1',
    '--ws-removed': '#fdeaea',
    '--ws-removed-word': '#f9c4c4',
    '--ws-moved': '#e8ecfb',
  },
  dark: {
    '--mantine-color-dimmed': '#a4adb8',
    '--mantine-color-placeholder': '#949eaa',
    '--mantine-color-error': '#ff8f85',
    '--mantine-color-default-border': '#444d58',
    '--ws-page': '#1b2026',
    '--ws-panel': '#15191e',
    '--ws-line': '#323942',
    '--ws-hover': '#262c34',
    '--ws-selected': '#17394a',
    '--ws-accent': '#7ac1d7',
    '--ws-dim': '#a4adb8',
    '--ws-good': '#6fcf8e',
    '--ws-bad': '#ff8f85',
    '--ws-warn': '#f0b45a',
    '--ws-mark': '#6b5410',
    '--ws-added': '#173524',
    '--ws-added-word': '#1f6238',
    '--ws-removed': '#40201f',
    '--ws-removed-word': '#7c302d',
    '--ws-moved': '#252c49',
  },
})
