import type { Metadata } from 'next';
import { PageHeader } from '@/app/_ui/card';
import { pageContext } from '@/lib/http/page-context';
import { getProfile } from '@/lib/identity/user/profile';
import { PasswordForm } from './_components/password-form';
import { ProfileForm } from './_components/profile-form';

export const metadata: Metadata = { title: 'Profile' };

export default async function AccountPage() {
  const profile = await getProfile(await pageContext());
  return (
    <>
      <PageHeader title="Profile" description="What your colleagues see of you." />
      <ProfileForm profile={profile} />
      <PasswordForm email={profile.email} />
    </>
  );
}
