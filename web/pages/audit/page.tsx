import { PageHead } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import { AuditLog } from './log.tsx';

export function AuditPage() {
  return (
    <>
      <PageHead title={words.audit.title} text={words.audit.text} />
      <AuditLog />
    </>
  );
}
