import { useState } from 'react';
import { useIsAdmin } from '../../shell/signed-in.tsx';
import { Choice } from '../../ui/field.tsx';
import { PageHead } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import { AuditLog } from './log.tsx';

export function AuditPage() {
  const isAdmin = useIsAdmin();
  const [about, setAbout] = useState<'tenant' | 'deployment'>('tenant');
  const { audit } = words;
  return (
    <>
      <PageHead title={audit.title} text={about === 'tenant' ? audit.text : audit.deploymentText}>
        {isAdmin && (
          <Choice
            hideLabel
            label={audit.about}
            value={about}
            options={[
              { value: 'tenant', label: audit.ofTenant },
              { value: 'deployment', label: audit.ofDeployment },
            ]}
            onChange={setAbout}
          />
        )}
      </PageHead>
      <AuditLog key={about} isOfDeployment={about === 'deployment'} />
    </>
  );
}
