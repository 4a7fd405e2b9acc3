export interface Welcome {
  apiUrl: string;
  temporalUiUrl: string | null;
  /** host:port of Posthorn's own servers, and where the password of its Postgres is; null: they are not its own. */
  temporalAddress: string | null;
  postgres: { address: string; passwordFile: string } | null;
  receiverUrl: string | null;
  /** Null: not shown, as in production, where logs are kept. */
  apiKey: string | null;
}

/** What a newcomer needs after the start: addresses, the key, and a first delivery to copy and paste. */
export function welcomeText(welcome: Welcome): string {
  const { apiUrl, temporalUiUrl, temporalAddress, postgres, receiverUrl, apiKey } = welcome;
  const lines = [
    '',
    'Posthorn is ready.',
    '',
    `  Dashboard    ${apiUrl}/   (sign in with the API key below)`,
    `  API          ${apiUrl}`,
    ...(temporalUiUrl ? [`  Temporal UI  ${temporalUiUrl}`] : []),
    ...(temporalAddress ? [`  Temporal     ${temporalAddress}`] : []),
    ...(postgres
      ? [
          `  Postgres     ${postgres.address}   (user and database "posthorn", password in ${postgres.passwordFile})`,
        ]
      : []),
    ...(receiverUrl
      ? [`  Receiver     ${receiverUrl}   (development only: verifies and prints what it gets)`]
      : []),
    `  API key      ${apiKey ?? 'as set (not shown in production)'}`,
  ];
  if (receiverUrl && apiKey)
    lines.push('', 'A first webhook (copy, paste):', '', ...firstWebhook(apiUrl, receiverUrl, apiKey));
  return `${lines.join('\n')}\n`;
}

function firstWebhook(apiUrl: string, receiverUrl: string, apiKey: string): string[] {
  return [
    `  export POSTHORN=${apiUrl}/v1/tenants/acme KEY='Authorization: Bearer ${apiKey}'`,
    `  curl -sw '\\n' -H "$KEY" $POSTHORN/endpoints -d '{"url": "${receiverUrl}/hooks", "events": ["conversation.*"]}'`,
    `  curl -sw '\\n' -H "$KEY" $POSTHORN/events -d '{"type": "conversation.created", "data": {"hello": "world"}}'`,
    `  curl -sw '\\n' -H "$KEY" "$POSTHORN/deliveries?limit=1"`,
    '',
    'The receiver prints the delivery here, with its signature verified. Ctrl-C stops everything; data stays.',
  ];
}
