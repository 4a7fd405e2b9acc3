import { useQuery } from '@tanstack/react-query';
import { EyeOff } from 'lucide-react';
import { useState } from 'react';
import { api, ask, type Schemas } from '../../api/client.ts';
import { since } from '../../format.ts';
import { TextField } from '../../ui/field.tsx';
import { Card, layout, PageHead, Table } from '../../ui/layout.tsx';
import { Empty, Failed, Loading } from '../../ui/states.tsx';
import { words } from '../../words/index.ts';
import styles from './settings.module.css';

type Setting = Schemas['Settings']['data'][number];

/** The settings that hold, as the process has them that answers. They are changed where it is started. */
export function SettingsPage() {
  const [search, setSearch] = useState('');
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => ask(api.GET('/v1/settings')) });
  const { settings: said } = words;
  if (settings.isPending) return <Loading rows={8} />;
  if (!settings.data) return <Failed error={settings.error} onRetry={() => void settings.refetch()} />;
  const { process, data } = settings.data;
  const wanted = search.trim().toLowerCase();
  const found = data.filter(({ name, value }) => `${name} ${value ?? ''}`.toLowerCase().includes(wanted));
  const [set, usual] = [found.filter((one) => one.is_set), found.filter((one) => !one.is_set)];
  return (
    <>
      <PageHead
        title={said.title}
        text={said.text(said.roles[process.role], process.node.replace(/^v/, ''), since(process.started_at))}
      />
      <div role="search" className={styles.search}>
        <TextField
          hideLabel
          label={said.search}
          placeholder={said.search}
          type="search"
          value={search}
          onChange={setSearch}
        />
      </div>
      {found.length === 0 && <Empty title={said.none} />}
      {set.length > 0 && <Settings title={said.set} text={said.setText} rows={set} />}
      {usual.length > 0 && <Settings title={said.usual} text={said.usualText} rows={usual} />}
    </>
  );
}

function Settings({ title, text, rows }: { title: string; text: string; rows: Setting[] }) {
  const { settings } = words;
  return (
    <Card title={title} text={text} flush>
      <Table
        label={title}
        head={
          <>
            <th scope="col">{words.common.name}</th>
            <th scope="col">{settings.value}</th>
          </>
        }
      >
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row" className={styles.name}>
              <code>{row.name}</code>
            </th>
            <td className={styles.value}>
              <Value setting={row} />
            </td>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

function Value({ setting: { value, is_hidden: isHidden } }: { setting: Setting }) {
  const { settings } = words;
  const hidden = isHidden && (
    <span className={styles.hidden}>
      <EyeOff size={13} aria-hidden />
      {value === null ? settings.hidden : settings.partlyHidden}
    </span>
  );
  if (value === null) return hidden || <span className={layout.quiet}>{settings.unset}</span>;
  return (
    <>
      {value === '' ? <span className={layout.quiet}>{settings.empty}</span> : <code>{value}</code>} {hidden}
    </>
  );
}
