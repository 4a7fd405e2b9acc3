export function Logo({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--brand)" />
      <g fill="none" stroke="#1b1a17" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round">
        <circle cx="13.5" cy="17.5" r="6" />
        <path d="M13.5 11.5H21l6-3.5v9.5l-6-3" />
        <path d="M5 17.5h2.5" />
      </g>
    </svg>
  );
}
