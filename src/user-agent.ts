import about from '../package.json' with { type: 'json' };

/** As receivers see us: `Posthorn/0.1`, whatever the patch. */
export const USER_AGENT = `Posthorn/${about.version.split('.').slice(0, 2).join('.')}`;
