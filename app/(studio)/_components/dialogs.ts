'use client';

import { onDemand } from '@/app/_ui/on-demand';

/** What opens over many pages, each loaded when it is first needed. */
export const ConfirmDialog = onDemand(async () => (await import('./confirm-dialog')).ConfirmDialog);
export const BulkBar = onDemand(async () => (await import('./bulk-bar')).BulkBar);
export const SecretDialog = onDemand(async () => (await import('./secret-dialog')).SecretDialog);
export const StepUpDialog = onDemand(async () => (await import('./step-up-dialog')).StepUpDialog);
export const AuditEntryDialog = onDemand(async () => (await import('./audit-entry-dialog')).AuditEntryDialog);
