import { expect, type Page } from '@playwright/test';
import type { World } from './pages';

interface Overlay {
  name: string;
  path: (world: World) => string;
  /** Opens it and waits until it is there. */
  open: (page: Page) => Promise<void>;
  /** The only width at which it exists. */
  width?: number;
}

const projectPath = ({ slug, readyProject }: World, page: string) => `/${slug}/projects/${readyProject}/${page}`;

function dialogBy(button: string): Overlay['open'] {
  return async (page) => {
    await page.getByRole('button', { name: button }).first().click();
    await expect(page.getByRole('dialog')).toBeVisible();
  };
}

function menuBy(button: RegExp): Overlay['open'] {
  return async (page) => {
    await page.getByRole('button', { name: button }).first().click();
    await expect(page.getByRole('menu').filter({ visible: true })).toBeVisible();
  };
}

/** What opens over a page. */
export const overlays: readonly Overlay[] = [
  {
    name: 'palette',
    path: ({ slug }) => `/${slug}`,
    open: async (page) => {
      await page.getByRole('button', { name: /^Search or jump to/ }).filter({ visible: true }).click();
      await expect(page.getByRole('dialog', { name: 'Search or jump to' })).toBeVisible();
    },
  },
  { name: 'shortcuts', path: ({ slug }) => `/${slug}`, open: dialogBy('Keyboard shortcuts'), width: 1280 },
  { name: 'navigation-sheet', path: ({ slug }) => `/${slug}`, open: dialogBy('Open navigation'), width: 390 },
  { name: 'account-menu', path: ({ slug }) => `/${slug}`, open: menuBy(/^Account of/) },
  { name: 'organization-menu', path: ({ slug }) => `/${slug}`, open: menuBy(/, switch$/) },
  { name: 'invite-dialog', path: ({ slug }) => `/${slug}/members`, open: dialogBy('Invite member') },
  {
    name: 'revoke-many-dialog',
    path: ({ slug }) => `/${slug}/members`,
    open: async (page) => {
      await page.getByRole('checkbox', { name: 'Select all invitations' }).check();
      await page.getByRole('toolbar', { name: 'With the selected' }).getByRole('button', { name: 'Revoke 1 invitation' }).click();
      await expect(page.getByRole('dialog', { name: 'Revoke 1 invitation' })).toBeVisible();
    },
  },
  {
    name: 'selected-keys',
    path: ({ slug }) => `/${slug}/api-keys`,
    open: async (page) => {
      await page.getByRole('checkbox', { name: 'Select all API keys' }).check();
      await expect(page.getByRole('toolbar', { name: 'With the selected' })).toBeVisible();
    },
  },
  { name: 'member-menu', path: ({ slug }) => `/${slug}/members`, open: menuBy(/^Actions for/) },
  { name: 'create-api-key-dialog', path: ({ slug }) => `/${slug}/api-keys`, open: dialogBy('Create API key') },
  { name: 'add-webhook-dialog', path: ({ slug }) => `/${slug}/webhooks`, open: dialogBy('Add webhook') },
  { name: 'webhook-menu', path: ({ slug }) => `/${slug}/webhooks`, open: menuBy(/^Actions for/) },
  {
    name: 'delivery-dialog',
    path: ({ slug, webhook }) => `/${slug}/webhooks/${webhook}`,
    open: async (page) => {
      await page.getByRole('button', { name: 'webhook.test' }).click();
      await expect(page.getByRole('dialog', { name: 'webhook.test' })).toBeVisible();
    },
  },
  { name: 'deploy-dialog', path: (world) => `${projectPath(world, 'deployments')}?deploy`, open: (page) => expect(page.getByRole('dialog', { name: 'Deploy to production' })).toBeVisible() },
  {
    name: 'deploy-dialog-with-variables',
    path: (world) => `${projectPath(world, 'deployments')}?deploy`,
    open: async (page) => {
      await page.getByRole('button', { name: 'Review variables' }).click();
      await expect(page.getByRole('list', { name: 'Changed variables' })).toBeVisible();
    },
  },
  {
    name: 'deploy-dialog-with-a-problem',
    path: (world) => `${projectPath(world, 'deployments')}?deploy`,
    open: async (page) => {
      await page.getByRole('radio', { name: /Public Git repository/ }).check();
      await page.getByRole('button', { name: 'Review variables' }).click();
      await expect(page.getByText('One field needs attention')).toBeVisible();
    },
  },
  { name: 'deployment-menu', path: (world) => projectPath(world, 'deployments'), open: menuBy(/^Actions for #1/) },
  { name: 'keep-studio-dialog', path: (world) => projectPath(world, 'deployments'), open: dialogBy("Keep Studio's") },
  { name: 'remove-app-dialog', path: (world) => projectPath(world, 'deployments'), open: dialogBy('Remove app') },
  { name: 'remove-address-dialog', path: (world) => projectPath(world, 'deployments'), open: dialogBy('Remove address') },
  {
    name: 'new-address-dialog',
    path: (world) => projectPath(world, 'deployments'),
    open: async (page) => {
      await page.getByRole('button', { name: 'Replace address' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Replace address' }).click();
      await expect(page.getByRole('dialog', { name: 'Address for Railway' })).toBeVisible();
    },
  },
  { name: 'stop-deployment-dialog', path: (world) => projectPath(world, `deployments/${world.liveDeployment}`), open: dialogBy('Stop') },
  { name: 'connect-railway-dialog', path: ({ unconnected }) => `${unconnected}/deployments`, open: dialogBy('Connect Railway') },
  { name: 'disconnect-railway-dialog', path: ({ slug }) => `/${slug}/settings`, open: dialogBy('Disconnect') },
  { name: 'create-key-dialog', path: (world) => projectPath(world, 'keys'), open: dialogBy('Create key') },
  { name: 'edit-variables-dialog', path: (world) => projectPath(world, 'env'), open: dialogBy('Edit variables') },
  {
    name: 'variables-with-problems',
    path: (world) => projectPath(world, 'env'),
    open: async (page) => {
      await page.getByRole('button', { name: 'Edit variables' }).click();
      await page.getByRole('textbox', { name: 'Name of variable 1' }).fill('MY VAR');
      await page.getByRole('button', { name: 'Review changes' }).first().click();
      await expect(page.getByText('"MY VAR" is no name for a variable.').first()).toBeVisible();
    },
  },
  { name: 'delete-project-dialog', path: (world) => projectPath(world, 'settings'), open: dialogBy('Delete project') },
  {
    name: 'audit-entry-dialog',
    path: ({ slug }) => `/${slug}/audit`,
    open: async (page) => {
      await page.getByRole('button', { name: 'isolation_proof.finished' }).first().click();
      await expect(page.getByRole('dialog')).toBeVisible();
    },
  },
  {
    name: 'form-with-problems',
    path: ({ slug }) => `/${slug}/new-project`,
    open: async (page) => {
      await page.getByRole('button', { name: 'Create project' }).click();
      await expect(page.getByText('One field needs attention')).toBeVisible();
    },
  },
];
