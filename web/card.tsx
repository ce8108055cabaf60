import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PanelId } from '../lib/explore/panels';
import { encodeState, type ExploreState } from '../lib/explore/state';
import { call, messageOf } from './client';
import type { Texts } from './types';

/** The width that an element has now. */
export function useWidth(): [(element: HTMLElement | null) => void, number] {
  const [width, setWidth] = useState(0);
  const observer = useRef<ResizeObserver | undefined>(undefined);
  const attach = useRef((element: HTMLElement | null) => {
    observer.current?.disconnect();
    if (element === null) return;
    setWidth(Math.floor(element.clientWidth));
    observer.current = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.current.observe(element);
  });
  return [attach.current, width];
}

/** Draws with the width that there is. */
export function Sized({ children }: { readonly children: (width: number) => ComponentChildren }) {
  const [attach, width] = useWidth();
  return <div ref={attach}>{width > 0 && children(width)}</div>;
}

export interface CardProps {
  readonly title: string;
  readonly meaning?: string;
  readonly span: number;
  readonly panel?: PanelId | 'records';
  readonly state: ExploreState;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Card({ title, meaning, span, panel, state, actions, children }: CardProps) {
  const id = `card-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
  return (
    <section class={`card span-${span}`} aria-labelledby={id}>
      <header class="card-head">
        <div>
          <h2 id={id}>{title}</h2>
          {meaning !== undefined && <p class="meaning">{meaning}</p>}
        </div>
        <div class="card-actions">
          {actions}
          {panel !== undefined && <CopyButton title={title} load={() => call<Texts>('texts', { state: encodeState(state), panel })} />}
        </div>
      </header>
      {children}
    </section>
  );
}

const KINDS = [
  { id: 'command', name: 'flowlogs command', about: 'The same rows in a terminal, from the same files.' },
  { id: 'sql', name: 'SQL', about: 'Athena SQL; `flowlogs sql` runs it on the files.' },
  {
    id: 'athena',
    name: 'Athena query',
    about:
      'For the Athena console: with the partitions of the deployed view `flow_records`. Choose the database there; a daily layout has the column "day" instead of "hour".',
  },
] as const;

/** Opens a dialog with the equivalent queries. */
export function CopyButton({ title, load }: { readonly title: string; readonly load: () => Promise<Texts> }) {
  const [texts, setTexts] = useState<Texts | string | undefined>(undefined);
  const [kind, setKind] = useState<keyof Texts>('command');
  const [copied, setCopied] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  const open = () => {
    setTexts(undefined);
    setCopied(false);
    dialog.current?.showModal();
    load().then(setTexts, (error: unknown) => setTexts(messageOf(error)));
  };
  const text = typeof texts === 'object' ? texts[kind] : undefined;
  const about = KINDS.find(({ id }) => id === kind);
  return (
    <>
      <button
        type="button"
        class="quiet"
        onClick={open}
        aria-label={`Copy “${title}” as a command, SQL or Athena query`}
        title="Copy as command, SQL or Athena query"
      >
        {'</>'}
      </button>
      <dialog
        ref={dialog}
        aria-label={`${title}: query`}
        onClick={(event: MouseEvent) => {
          if (event.target === dialog.current) dialog.current?.close();
        }}
      >
        <div class="dialog-body">
          <header class="card-head">
            <h2>{title}</h2>
            <button type="button" class="quiet" onClick={() => dialog.current?.close()} aria-label="Close">
              ✕
            </button>
          </header>
          <div class="segments" role="group" aria-label="Query language">
            {KINDS.map(({ id, name }) => (
              <button
                key={id}
                type="button"
                aria-pressed={kind === id}
                onClick={() => {
                  setKind(id);
                  setCopied(false);
                }}
              >
                {name}
              </button>
            ))}
          </div>
          <p class="meaning">{about?.about}</p>
          <pre tabindex={0} aria-label="Text">
            {texts === undefined ? 'Writing …' : (text ?? (typeof texts === 'string' ? texts : ''))}
          </pre>
          <footer class="dialog-foot">
            {kind === 'athena' && (
              <a href="https://console.aws.amazon.com/athena/home#/query-editor" target="_blank" rel="noreferrer">
                Open the Athena console
              </a>
            )}
            <button
              type="button"
              class="primary"
              disabled={text === undefined}
              onClick={() => {
                if (text !== undefined) void navigator.clipboard.writeText(text).then(() => setCopied(true));
              }}
            >
              {copied ? 'Copied' : 'Copy'}
            </button>
          </footer>
        </div>
      </dialog>
    </>
  );
}

/** Says something for a few seconds, also to screen readers. */
export function useNotice(): [string, (text: string) => void] {
  const [text, setText] = useState('');
  useEffect(() => {
    if (text === '') return undefined;
    const timer = setTimeout(() => setText(''), 4000);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText];
}
