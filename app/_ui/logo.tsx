export function Logo({ className = 'size-6' }: { className?: string }) {
  return (
    <svg aria-hidden className={`fill-accent ${className}`}>
      <use href="/icons.svg#logo" />
    </svg>
  );
}
