/** The look of the preview's own document, which none of the app's styles reach. */
export const PREVIEW_STYLE = `
:root { color-scheme: light; --text: #1d2227; --dim: #59626c; --line: #dfe3e7; --panel: #f5f7f8; --accent: #0f6f8d; --bad: #b42318; --page: #fff }
:root[data-scheme='dark'] { color-scheme: dark; --text: #d9dde2; --dim: #a4adb8; --line: #323942; --panel: #15191e; --accent: #7ac1d7; --bad: #ff8f85; --page: #1b2026 }
html { background: var(--page) }
body { margin: 0; color: var(--text); font: 14px/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif; overflow-wrap: anywhere }
main { max-width: 760px; margin: 0 auto; padding: 16px 20px 48px }
h1, h2, h3, h4, h5, h6 { line-height: 1.3; margin: 1.4em 0 0.5em; font-weight: 600 }
h1 { font-size: 22px } h2 { font-size: 18px; border-bottom: 1px solid var(--line); padding-bottom: 4px } h3 { font-size: 16px } h4, h5, h6 { font-size: 14px }
p, ul, ol, blockquote, pre, table { margin: 0 0 12px }
ul, ol { padding-left: 24px } li + li { margin-top: 2px }
code, pre { font: 12.5px/1.55 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace }
code { background: var(--panel); border-radius: 3px; padding: 1px 4px }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 4px; padding: 8px 12px; white-space: pre-wrap }
pre code { background: none; padding: 0 }
blockquote { border-left: 3px solid var(--line); margin-left: 0; padding-left: 12px; color: var(--dim) }
table { border-collapse: collapse } th, td { border: 1px solid var(--line); padding: 4px 8px; text-align: left; vertical-align: top }
hr { border: 0; border-top: 1px solid var(--line); margin: 20px 0 }
img { max-width: 100% }
.fields { width: 100%; margin-bottom: 20px; font-size: 13px } .fields th { width: 1%; white-space: nowrap; font-weight: 600; color: var(--dim) } .fields td { white-space: pre-wrap }
.link { color: var(--accent); text-decoration: underline; cursor: default } .target { color: var(--dim); font-size: 12px; display: inline-block; text-indent: 0.4em }
.picture { color: var(--dim); border: 1px dashed var(--line); border-radius: 3px; padding: 1px 6px }
.hidden { color: var(--bad); border: 1px solid currentColor; border-radius: 2px; font: 11px/1 ui-monospace, monospace; padding: 0 2px; margin: 0 1px; white-space: nowrap }
#here { scroll-initial-target: nearest; scroll-margin: 30vh }
`
