import { useMutation, useQueryClient } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { useId, useState } from 'react';
import { api, ask, type Schemas } from '../../api/client.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogBack, DialogFooter } from '../../ui/dialog.tsx';
import { Check, TextArea, TextField } from '../../ui/field.tsx';
import { layout } from '../../ui/layout.tsx';
import { Pill } from '../../ui/status.tsx';
import { useUnsaved } from '../../unsaved.ts';
import { words } from '../../words/index.ts';
import { objectOf } from './draft.ts';
import styles from './event-types.module.css';

type Imported = Schemas['ImportedEventTypes'];

/** From an OpenAPI document: first what would change, then the change. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog wide open title={words.eventTypes.import.title} onClose={onClose}>
      <Form onClose={onClose} />
    </Dialog>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const fileId = useId();
  const [text, setText] = useState('');
  const [property, setProperty] = useState('');
  const [validates, setValidates] = useState(false);
  useUnsaved(text !== '' || property !== '');
  const { import: said } = words.eventTypes;
  const document = objectOf(text);
  const run = useMutation({
    mutationFn: (dryRun: boolean) =>
      ask(
        api.POST('/v1/event-types/import', {
          body: {
            document: document as Record<string, never>,
            dry_run: dryRun,
            data_property: property.trim() || null,
            // Unticked it stays as it is for each that is there.
            ...(validates && { validate: true }),
          },
        }),
      ),
    onSuccess: async (result) => {
      if (result.dry_run) return;
      await queries.invalidateQueries({ queryKey: ['event-types'] });
      announce(said.done(result.created + result.updated));
      onClose();
    },
  });
  // What was looked at is what was written then.
  const change = (make: () => void) => {
    make();
    run.reset();
  };
  const seen = run.data?.dry_run ? run.data : null;
  const count = seen ? seen.created + seen.updated : 0;
  return (
    <>
      <p className={layout.quiet}>{said.text}</p>
      <div className={layout.row}>
        <label htmlFor={fileId} className={styles.file}>
          <FileUp size={15} aria-hidden />
          {said.file}
        </label>
        <input
          id={fileId}
          type="file"
          accept=".json,application/json"
          className="sr-only"
          onChange={(event) =>
            void event.target.files?.[0]?.text().then((read) => change(() => setText(read)))
          }
        />
      </div>
      <TextArea
        label={said.document}
        rows={8}
        error={document === undefined ? said.notJson : undefined}
        value={text}
        onChange={(next) => change(() => setText(next))}
      />
      <TextField
        mono
        label={said.property}
        hint={said.propertyHint}
        value={property}
        onChange={(next) => change(() => setProperty(next))}
      />
      <Check
        label={said.validate}
        checked={validates}
        onChange={(next) => change(() => setValidates(next))}
      />
      {run.isError && <p role="alert">{run.error.message}</p>}
      {seen && <Preview result={seen} />}
      <DialogFooter>
        <DialogBack />
        {count > 0 ? (
          <Button look="primary" busy={run.isPending} onClick={() => run.mutate(false)}>
            {said.apply(count)}
          </Button>
        ) : (
          <Button look="primary" busy={run.isPending} disabled={!document} onClick={() => run.mutate(true)}>
            {said.look}
          </Button>
        )}
      </DialogFooter>
    </>
  );
}

const TONES = { created: 'good', updated: 'warn', unchanged: 'idle' } as const;

function Preview({ result }: { result: Imported }) {
  const { import: said } = words.eventTypes;
  if (result.created + result.updated === 0) return <p role="status">{said.nothing}</p>;
  return (
    <section className={styles.preview}>
      <p role="status">
        <b>{said.summary(result.created, result.updated, result.unchanged)}</b>
      </p>
      <ul>
        {result.types.map(({ name, change, fields }) => (
          <li key={name}>
            <Pill tone={TONES[change]}>{said.changes[change]}</Pill>
            <code>{name}</code>
            {fields.length > 0 && <span className={layout.quiet}>{fields.join(', ')}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
