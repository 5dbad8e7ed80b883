import type { Metadata } from 'next';
import { VerifyEmail } from './_components/verify-email';

export const metadata: Metadata = { title: 'Confirm your address' };

export default function VerifyEmailPage() {
  return <VerifyEmail />;
}
