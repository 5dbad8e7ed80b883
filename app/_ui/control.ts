/** The look that inputs and selects share. */
export const control =
  'w-full rounded-control border border-control bg-surface px-3 text-base text-ink placeholder:text-subtle aria-invalid:border-bad disabled:bg-sunken disabled:text-muted';
