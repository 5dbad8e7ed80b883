'use client';

import { isRole, roleWords } from '@/app/(studio)/_components/roles';
import { emailRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { SelectField, TextField } from '@/app/_ui/field';
import { notify } from '@/app/_ui/notify';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';
import type { MembersAccess } from './members-view';

export function InviteDialog({ access, onClose, onSent }: { access: MembersAccess; onClose: () => void; onSent: () => void }) {
  const form = useApiForm({
    fields: {
      email: { label: 'E-mail address', rule: emailRule },
      role: { label: 'Role', start: 'developer' },
    },
    send: async (values, intent) => {
      await apiPost(`/organizations/${access.organization.id}/invitations`, values, intent);
      onSent();
      onClose();
      notify('success', { title: 'Invitation sent', description: values.email });
    },
  });
  const { role } = form.values;
  return (
    <Dialog title={`Invite to ${access.organization.name}`} description="They get a letter with a link that holds for seven days." onClose={onClose}>
      <form {...form.props} className="flex flex-col gap-4">
        <ProblemSummary problem={form.problem} />
        <TextField type="email" autoComplete="off" autoFocus {...form.field('email')} />
        <SelectField help={isRole(role) ? roleWords[role].help : undefined} {...form.field('role')}>
          {access.grantable.map((each) => (
            <option key={each} value={each}>
              {roleWords[each].name}
            </option>
          ))}
        </SelectField>
        <DialogActions>
          <Button kind="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" busy={form.busy}>
            Send invitation
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
