export interface Welcome {
  apiUrl: string;
  temporalUiUrl: string | null;
  receiverUrl: string | null;
  /** Null: not shown, as in production, where logs are kept. */
  apiKey: string | null;
}

/** What a newcomer needs after the start: addresses, the key, and a first delivery to copy and paste. */
export function welcomeText({ apiUrl, temporalUiUrl, receiverUrl, apiKey }: Welcome): string {
  const lines = [
    '',
    'Posthorn is ready.',
    '',
    `  API          ${apiUrl}`,
    ...(temporalUiUrl ? [`  Temporal UI  ${temporalUiUrl}`] : []),
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
