import type { Attempt } from '../../api/client.ts';
import { bytes } from '../../format.ts';
import { Timing } from '../../ui/timing.tsx';
import { words } from '../../words/index.ts';
import { Payload } from './payload.tsx';
import { escaped, visible, visibleUrl } from '../../ui/visible.ts';
import styles from './drawer.module.css';

/** What was sent and what was answered, in full. */
export function AttemptDetails({ attempt, withoutTiming }: { attempt: Attempt; withoutTiming?: boolean }) {
  const { drawer } = words;
  const { request, response, error, remark } = attempt;
  const answered = attempt.status_code !== null;
  return (
    <>
      {error && (
        <p className={styles.error}>
          <b>{words.errorClass[error.class]}:</b> {visible(error.message ?? '')}
        </p>
      )}
      {remark && <p className={styles.remark}>{remark}</p>}
      {!withoutTiming && <Timing timing={attempt.timing} />}
      <p className={styles.call}>
        <b>{request.method}</b> <code>{visibleUrl(request.url)}</code>
      </p>
      <details className={styles.fold} open>
        <summary>{drawer.requestHeaders}</summary>
        <Headers headers={request.headers} />
        <p className={styles.id}>{drawer.masked}</p>
      </details>
      {answered ? (
        <details className={styles.fold} open>
          <summary>
            {drawer.answer(attempt.status_code!)}
            {response.body_bytes !== null && ` · ${bytes(response.body_bytes)}`}
          </summary>
          <Headers headers={response.headers} />
          {response.body === null ? (
            <p>{drawer.answerDropped}</p>
          ) : response.body === '' ? (
            <p className={styles.id}>{drawer.answerEmpty}</p>
          ) : (
            <Payload text={response.body} label={drawer.answerBody} />
          )}
          {response.truncated && <p className={styles.remark}>{drawer.truncated}</p>}
        </details>
      ) : (
        <p>{drawer.noAnswer}</p>
      )}
    </>
  );
}

function Headers({ headers }: { headers: Record<string, string> | null }) {
  const entries = Object.entries(headers ?? {});
  if (entries.length === 0) return <p className={styles.id}>{words.drawer.noHeaders}</p>;
  return (
    <table className={styles.headers}>
      <tbody>
        {entries.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{escaped(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
