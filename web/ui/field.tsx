import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'react';
import styles from './field.module.css';

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  /** What is wrong with it. */
  error?: string;
  /** Said, not shown: where what stands beside it says it. */
  hideLabel?: boolean;
}

/** What ties a control to its words. */
export interface ControlProps {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true;
}

export function Field({
  label,
  hint,
  error,
  hideLabel,
  children,
}: FieldProps & { children: (props: ControlProps) => ReactNode }) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={hideLabel ? 'sr-only' : styles.label}>
        {label}
      </label>
      {children({
        id,
        ...(described && { 'aria-describedby': described }),
        ...(error && { 'aria-invalid': true }),
      })}
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className={styles.error}>
          {error}
        </p>
      )}
    </div>
  );
}

type Input = Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'>;

export function TextField({
  label,
  hint,
  error,
  hideLabel,
  onChange,
  mono,
  ...rest
}: FieldProps & Input & { value: string; mono?: boolean; onChange: (value: string) => void }) {
  return (
    <Field {...{ label, hint, error, hideLabel }}>
      {(props) => (
        <input
          autoComplete="off"
          spellCheck={false}
          {...rest}
          {...props}
          className={`${styles.input} ${mono ? styles.mono : ''}`}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

export function TextArea({
  label,
  hint,
  error,
  hideLabel,
  onChange,
  ...rest
}: FieldProps &
  Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange'> & {
    value: string;
    onChange: (value: string) => void;
  }) {
  return (
    <Field {...{ label, hint, error, hideLabel }}>
      {(props) => (
        <textarea
          rows={4}
          spellCheck={false}
          {...rest}
          {...props}
          className={`${styles.input} ${styles.area} ${styles.mono}`}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

export function Choice<T extends string>({
  label,
  hint,
  error,
  hideLabel,
  options,
  onChange,
  ...rest
}: FieldProps &
  Omit<SelectHTMLAttributes<HTMLSelectElement>, 'onChange'> & {
    value: T;
    options: readonly { value: T; label: string }[];
    onChange: (value: T) => void;
  }) {
  return (
    <Field {...{ label, hint, error, hideLabel }}>
      {(props) => (
        <select
          {...rest}
          {...props}
          className={`${styles.input} ${styles.select}`}
          onChange={(event) => onChange(event.target.value as T)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Check({
  label,
  hint,
  onChange,
  ...rest
}: { label: ReactNode; hint?: ReactNode; onChange: (checked: boolean) => void } & Input) {
  return (
    <label className={styles.check}>
      <input type="checkbox" {...rest} onChange={(event) => onChange(event.target.checked)} />
      <span>
        {label}
        {hint && <span className={styles.hint}>{hint}</span>}
      </span>
    </label>
  );
}
