import { useSignedIn } from '../../shell/signed-in.tsx';
import { Check, Choice, TextArea } from '../../ui/field.tsx';
import { Card, layout } from '../../ui/layout.tsx';
import { words } from '../../words/index.ts';
import type { SectionProps } from './form.tsx';

/** TLS, and where connections may go. */
export function Network({ draft, set, errorOf, isNew }: SectionProps) {
  const { me } = useSignedIn();
  const { network } = words.edit;
  const kinds = (['none', 'own', 'kept'] as const).filter((kind) => kind !== 'kept' || !isNew);
  return (
    <Card title={network.title} text={network.text}>
      <Check
        label={network.verify}
        hint={me.allows_unverified_tls ? network.verifyHint : network.verifyAlways}
        checked={draft.verifyTls}
        disabled={!me.allows_unverified_tls && draft.verifyTls}
        onChange={(verifyTls) => set({ verifyTls })}
      />
      <div className={layout.columns}>
        <TextArea
          label={network.ca}
          hint={network.caHint}
          error={errorOf('ca')}
          placeholder="-----BEGIN CERTIFICATE-----"
          value={draft.ca}
          onChange={(ca) => set({ ca })}
        />
        <TextArea
          label={network.ips}
          hint={network.ipsHint}
          error={errorOf('allowed_ips')}
          placeholder={'203.0.113.7\n198.51.100.0/24'}
          value={draft.allowedIps}
          onChange={(allowedIps) => set({ allowedIps })}
        />
      </div>
      <Choice
        label={network.certificate}
        hint={network.certificateHint}
        error={errorOf('client_certificate')}
        value={draft.certificate}
        options={kinds.map((value) => ({ value, label: network.certificates[value] }))}
        onChange={(certificate) => set({ certificate })}
      />
      {draft.certificate === 'own' && (
        <div className={layout.columns}>
          <TextArea
            label={network.certificatePem}
            placeholder="-----BEGIN CERTIFICATE-----"
            value={draft.certificatePem}
            onChange={(certificatePem) => set({ certificatePem })}
          />
          <TextArea
            label={network.keyPem}
            placeholder="-----BEGIN PRIVATE KEY-----"
            value={draft.keyPem}
            onChange={(keyPem) => set({ keyPem })}
          />
        </div>
      )}
    </Card>
  );
}
