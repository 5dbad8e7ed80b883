import { TextLink } from '@/app/_ui/text-link';
import { paths } from '@/lib/paths';
import { AuthHeader } from './auth-header';

/** A mail link whose end was cut off, or a page that was reloaded after the token was taken. */
export function IncompleteLink() {
  return (
    <>
      <AuthHeader title="This link is not complete">Open it from the e-mail again, or copy all of it into the address bar.</AuthHeader>
      <p className="text-muted">
        Or go to <TextLink href={paths.signIn}>sign in</TextLink>.
      </p>
    </>
  );
}
