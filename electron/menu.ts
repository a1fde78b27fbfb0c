import { app, Menu, type MenuItemConstructorOptions } from 'electron'
import type { MenuCommand } from '../shared/contract/desktop.ts'

/** What the menu asks of the rest; items of the page go to it as commands. */
export type MenuActions = {
  command: (command: MenuCommand) => void
  showLibrary: () => void
  openSpecification: () => void
}

/** The application's menu, with the platform's own shortcuts; macOS has its app menu, the others their File menu. */
export function applicationMenu(actions: MenuActions): Menu {
  const mac = process.platform === 'darwin'
  const item = (label: string, accelerator: string, command: MenuCommand): MenuItemConstructorOptions => ({
    label,
    accelerator,
    click: () => actions.command(command),
  })
  const settings = item('Settings…', 'CmdOrCtrl+,', 'settings')
  const separator: MenuItemConstructorOptions = { type: 'separator' }

  const appMenu: MenuItemConstructorOptions = {
    label: app.name,
    submenu: [
      { role: 'about' },
      separator,
      settings,
      separator,
      { role: 'services' },
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      { role: 'quit' },
    ],
  }
  const file: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      item('New skill…', 'CmdOrCtrl+N', 'new-skill'),
      item('Import…', 'CmdOrCtrl+O', 'import'),
      separator,
      item('Save version…', 'CmdOrCtrl+S', 'save-version'),
      separator,
      { label: 'Show library folder', click: actions.showLibrary },
      ...(mac ? [] : [separator, settings, separator]),
      mac ? { role: 'close' } : { role: 'quit' },
    ],
  }
  const edit: MenuItemConstructorOptions = {
    label: '&Edit',
    submenu: [
      { role: 'undo' },
      { role: 'redo' },
      separator,
      { role: 'cut' },
      { role: 'copy' },
      { role: 'paste' },
      { role: 'pasteAndMatchStyle' },
      { role: 'selectAll' },
      separator,
      item('Find…', 'CmdOrCtrl+F', 'find'),
    ],
  }
  const go: MenuItemConstructorOptions = {
    label: '&Go',
    submenu: [
      item('Back', mac ? 'Cmd+[' : 'Alt+Left', 'back'),
      item('Forward', mac ? 'Cmd+]' : 'Alt+Right', 'forward'),
      separator,
      item('Search, or jump to…', 'CmdOrCtrl+K', 'quick-open'),
    ],
  }
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      separator,
      { role: 'togglefullscreen' },
      separator,
      { role: 'reload' },
      ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' } as const]),
    ],
  }
  const help: MenuItemConstructorOptions = {
    role: 'help',
    submenu: [{ label: 'The Agent Skills specification', click: actions.openSpecification }],
  }
  return Menu.buildFromTemplate([...(mac ? [appMenu] : []), file, edit, view, go, { role: 'windowMenu' }, help])
}
