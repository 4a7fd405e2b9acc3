import { AuditLog } from '../audit/log.tsx';
import { useEndpoint } from './endpoint.ts';

export function WebhookAudit() {
  return <AuditLog subjectId={useEndpoint().id} />;
}
