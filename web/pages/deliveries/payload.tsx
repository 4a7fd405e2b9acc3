import { Download } from 'lucide-react';
import { useMemo, useState } from 'react';
import { bytes } from '../../format.ts';
import { Button } from '../../ui/button.tsx';
import { code } from '../../ui/code.tsx';
import { Copy } from '../../ui/copy.tsx';
import { indented } from '../../ui/indented.ts';
import { layout } from '../../ui/layout.tsx';
import { tokensOf } from '../../ui/tokens.ts';
import { words } from '../../words/index.ts';

const SHOWN_CHARS = 64 << 10;

/** Text of others, as text: coloured by its tokens, never made into anything but text nodes. */
export function Payload({ text, label, name }: { text: string; label: string; name?: string }) {
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? text : text.slice(0, SHOWN_CHARS);
  const tokens = useMemo(() => tokensOf(indented(shown)), [shown]);
  const { drawer } = words;
  return (
    <div className={layout.stack}>
      <div className={code.frame}>
        <pre className={code.code} tabIndex={0} role="region" aria-label={label}>
          <code>
            {tokens.map(({ kind, text: part }, index) =>
              kind === 'plain' ? (
                part
              ) : (
                <span key={index} className={code[kind]}>
                  {part}
                </span>
              ),
            )}
          </code>
        </pre>
        <div className={code.copy}>
          <Copy text={text} label={words.common.copyOf(label)} />
        </div>
      </div>
      {(shown.length < text.length || name) && (
        <div className={layout.row}>
          {shown.length < text.length && (
            <Button small onClick={() => setIsWhole(true)}>
              {drawer.showAll(bytes(text.length))}
            </Button>
          )}
          {name && (
            <Button small look="quiet" onClick={() => save(text, name)}>
              <Download size={14} aria-hidden />
              {words.common.download}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
