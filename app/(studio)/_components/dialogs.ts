'use client';

import { onDemand } from '@/app/_ui/on-demand';

/** Dialogs that many pages can open, each loaded when it is first needed. */
export const ConfirmDialog = onDemand(async () => (await import('./confirm-dialog')).ConfirmDialog);
export const BulkDialog = onDemand(async () => (await import('./bulk-dialog')).BulkDialog);
export const SecretDialog = onDemand(async () => (await import('./secret-dialog')).SecretDialog);
export const StepUpDialog = onDemand(async () => (await import('./step-up-dialog')).StepUpDialog);
export const AuditEntryDialog = onDemand(async () => (await import('./audit-entry-dialog')).AuditEntryDialog);
