import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { ApiProblem, api, ask, type Schemas } from '../../api/client.ts';
import { readEventType } from '../../api/queries.ts';
import { isSame, rebased } from '../../rebase.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogBack, DialogFooter } from '../../ui/dialog.tsx';
import { Check, TextArea, TextField } from '../../ui/field.tsx';
import { layout } from '../../ui/layout.tsx';
import { useUnsaved } from '../../unsaved.ts';
import { words } from '../../words/index.ts';
import { draftOf, EMPTY, inputOf, unfitIn, type Draft } from './draft.ts';

interface Props {
  /** Null: a new one. */
  type: Schemas['EventType'] | null;
  onClose: () => void;
}

/** Describes an event type of one's own, or another time. */
export function EditDialog({ type, onClose }: Props) {
  const { eventTypes } = words;
  const title = type ? eventTypes.editTitle(type.name) : eventTypes.create;
  return (
    <Dialog wide open title={title} onClose={onClose}>
      <Form type={type} onClose={onClose} />
    </Dialog>
  );
}

function Form({ type, onClose }: Props) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => (type ? draftOf(type) : EMPTY));
  const { eventTypes } = words;
  const [start, setStart] = useState(draft);
  useUnsaved(!isSame(draft, start));
  const save = useMutation({
    mutationFn: async () => {
      const path = { name: draft.name.trim() };
      // All of it is written: what somebody else has changed since it was opened would be set back.
      const stored = type ? draftOf(await readEventType(path.name)) : start;
      const { merged, both } = rebased(start, draft, stored);
      setStart(stored);
      setDraft(merged);
      if (both.length > 0) throw new Error(words.edit.changedMeanwhile(both.join(', ')));
      const body = inputOf(merged) as Schemas['EventTypeInput'];
      return ask(api.PUT('/v1/event-types/{name}', { params: { path }, body }));
    },
    onSuccess: async ({ name, warnings }) => {
      await queries.invalidateQueries({ queryKey: ['event-types'] });
      const [warning] = warnings;
      announce(warning ? eventTypes.warned(name, warning.message) : eventTypes.saved(name));
      onClose();
    },
  });
  const errors = save.error instanceof ApiProblem ? save.error.errors : [];
  const errorAt = (path: string) =>
    errors.find((error) => error.path === path || error.path.startsWith(`${path}.`))?.message;
  const unfit = unfitIn(draft);
  const set = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const isKnown = ['name', 'description', 'group', 'schema', 'example', 'validate'].some(errorAt);
  return (
    <form className={layout.stack} onSubmit={submit}>
      {!type && (
        <TextField
          autoFocus
          required
          mono
          label={eventTypes.name}
          hint={eventTypes.nameHint}
          error={errorAt('name')}
          value={draft.name}
          onChange={(name) => set({ name })}
        />
      )}
      <TextField
        label={eventTypes.description}
        error={errorAt('description')}
        value={draft.description}
        onChange={(description) => set({ description })}
      />
      <TextField
        label={eventTypes.group}
        hint={eventTypes.groupHint}
        error={errorAt('group')}
        value={draft.group}
        onChange={(group) => set({ group })}
      />
      <TextArea
        label={eventTypes.schemaField}
        hint={eventTypes.schemaHint}
        rows={7}
        error={unfit.schema ? eventTypes.notJson : errorAt('schema')}
        value={draft.schema}
        onChange={(schema) => set({ schema })}
      />
      <TextArea
        label={eventTypes.exampleField}
        hint={eventTypes.exampleHint}
        rows={5}
        error={unfit.example ? eventTypes.notJson : errorAt('example')}
        value={draft.example}
        onChange={(example) => set({ example })}
      />
      <Check
        label={eventTypes.validate}
        hint={errorAt('validate') ?? eventTypes.validateHint}
        disabled={draft.schema.trim() === ''}
        checked={draft.validate && draft.schema.trim() !== ''}
        onChange={(validate) => set({ validate })}
      />
      <Check
        label={eventTypes.deprecate}
        hint={eventTypes.deprecateHint}
        checked={draft.deprecated}
        onChange={(deprecated) => set({ deprecated })}
      />
      <Check
        label={eventTypes.archive}
        hint={eventTypes.archiveHint}
        checked={draft.archived}
        onChange={(archived) => set({ archived })}
      />
      {save.isError && !isKnown && <p role="alert">{save.error.message}</p>}
      <DialogFooter>
        <DialogBack />
        <Button
          type="submit"
          look="primary"
          busy={save.isPending}
          disabled={draft.name.trim() === '' || Object.keys(unfit).length > 0}
        >
          {words.common.save}
        </Button>
      </DialogFooter>
    </form>
  );
}
