/** Three stacked plates, one of them lifted: tenants on common ground, each on its own. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 24 24" fill="none" className={className ?? 'size-6'}>
      <path d="M12 13.2 3.5 17.4 12 21.6l8.5-4.2L12 13.2Z" className="fill-accent" opacity="0.35" />
      <path d="M12 8.6 3.5 12.8 12 17l8.5-4.2L12 8.6Z" className="fill-accent" opacity="0.65" />
      <path d="M12 2.4 3.5 6.6 12 10.8l8.5-4.2L12 2.4Z" className="fill-accent" />
    </svg>
  );
}
