// Opening a place of the source in the editor of whoever looks. In: a place that the server found. Out: a link of the editor's own scheme.
// Which editor is remembered by the browser; what it is asked for never leaves the machine.

import { signal } from '@preact/signals';
import { say } from './toast.ts';

/** `{file}` is an absolute path that begins with a slash, `{line}` a line from 1 on. */
export const EDITORS = [
  { key: 'vscode', name: 'VS Code', link: 'vscode://file{file}:{line}' },
  { key: 'cursor', name: 'Cursor', link: 'cursor://file{file}:{line}' },
  { key: 'windsurf', name: 'Windsurf', link: 'windsurf://file{file}:{line}' },
  { key: 'zed', name: 'Zed', link: 'zed://file{file}:{line}' },
  { key: 'idea', name: 'JetBrains', link: 'idea://open?file={file}&line={line}' },
  { key: 'sublime', name: 'Sublime Text', link: 'subl://open?url=file://{file}&line={line}' },
] as const;

const STORED = 'wiretime-editor';

export const editor = signal<string>(saved() ?? EDITORS[0].key);

export function chooseEditor(key: string): void {
  editor.value = key;
  try {
    localStorage.setItem(STORED, key);
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
  }
}

export interface EditorPlace {
  readonly absolutePath: string;
  readonly line: number;
}

export function editorLink({ absolutePath, line }: EditorPlace): string {
  const { link } = EDITORS.find(({ key }) => key === editor.value) ?? EDITORS[0];
  const path = absolutePath.replaceAll('\\', '/');
  const file = (path.startsWith('/') ? path : `/${path}`).split('/').map(encodeURIComponent).join('/');
  return link.replace('{file}', file).replace('{line}', String(line));
}

export function editorName(): string {
  return (EDITORS.find(({ key }) => key === editor.value) ?? EDITORS[0]).name;
}

/** For the key: without a place it says why. */
export function openEditor(place: EditorPlace | undefined): void {
  if (place === undefined) say('The source is not on this machine');
  else location.href = editorLink(place);
}

function saved(): string | undefined {
  try {
    return localStorage.getItem(STORED) ?? undefined;
  } catch {
    return undefined;
  }
}
