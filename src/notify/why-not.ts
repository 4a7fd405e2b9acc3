/** Why something is in the list of notifications and in nobody's mailbox. Pure. */
export const WHY_NOT = {
  no_smtp: 'no mail server is set up (SMTP_URL)',
  no_address: 'neither the endpoint nor its tenant has notify_emails',
  turned_off: 'notify_on_failure of the endpoint is false',
  limit:
    'the tenant, or the addresses, have had their mails of this hour (NOTIFY_MAILS_PER_HOUR, NOTIFY_MAILS_PER_ADDRESS)',
  endpoint_deleted: 'the endpoint was deleted before it was told',
  refused: 'the mail server refuses all addresses, or the message',
} as const;

export type WhyNot = keyof typeof WHY_NOT;
