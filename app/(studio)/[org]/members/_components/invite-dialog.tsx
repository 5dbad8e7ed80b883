'use client';

import { roleWords } from '@/app/(studio)/_components/roles';
import { emailRule } from '@/app/_forms/rules';
import { useApiForm } from '@/app/_forms/use-api-form';
import { Button } from '@/app/_ui/button';
import { Dialog, DialogActions } from '@/app/_ui/dialog';
import { SelectField, TextField } from '@/app/_ui/field';
import { notify } from '@/app/_ui/notify';
import { ProblemSummary } from '@/app/_ui/problem-summary';
import { apiPost } from '@/lib/http/client';
import type { Role } from '@/lib/identity/access/policy';
import type { MembersAccess } from './members-view';

interface Values {
  email: string;
  role: Role;
}

export function InviteDialog({ access, onClose, onSent }: { access: MembersAccess; onClose: () => void; onSent: () => void }) {
  const { form, problem, busy, onSubmit, errorOf } = useApiForm<Values>({
    defaults: { email: '', role: 'developer' },
    labels: { email: 'E-mail address', role: 'Role' },
    send: async (values, intent) => {
      await apiPost(`/organizations/${access.organization.id}/invitations`, values, intent);
      onSent();
      onClose();
      notify('success', { title: 'Invitation sent', description: values.email });
    },
  });
  const role = form.watch('role');
  return (
    <Dialog title={`Invite to ${access.organization.name}`} description="They get a letter with a link that holds for seven days." onClose={onClose}>
      <form method="post" noValidate onSubmit={onSubmit} className="flex flex-col gap-4">
        <ProblemSummary problem={problem} />
        <TextField label="E-mail address" type="email" autoComplete="off" autoFocus error={errorOf('email')} {...form.register('email', emailRule)} />
        <SelectField label="Role" help={roleWords[role].help} error={errorOf('role')} {...form.register('role')}>
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
          <Button type="submit" kind="primary" busy={busy}>
            Send invitation
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
