/** Throws an Error that names every package with a licence that is not allowed; else returns how many there are. */
export function checkLicences(directory?: string): number;
export function isAllowed(licence: string | null, allowed?: Set<string>): boolean;
/** What there is to say of npm's report. Throws an Error when something is bad. */
export function verdictOn(report: object | null, why?: string): string;
export function auditPackages(command?: string): string;
